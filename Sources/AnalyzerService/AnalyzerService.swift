// AnalyzerService
