internal import IngestService

@main
struct IngestMain {
    static func main() async { await IngestCommand.start() }
}
