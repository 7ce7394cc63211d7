// IndelibleCommand
