internal import AnalyzerService

@main
struct AnalyzerMain {
    static func main() async { await AnalyzerCommand.start() }
}
