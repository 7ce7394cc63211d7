// AnalyzerCore
