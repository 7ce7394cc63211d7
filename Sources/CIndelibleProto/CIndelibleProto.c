#include "CIndelibleProto.h"
