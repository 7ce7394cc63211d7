// IndelibleClient
