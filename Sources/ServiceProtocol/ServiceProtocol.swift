// ServiceProtocol
