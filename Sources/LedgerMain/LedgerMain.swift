import LedgerService

@main
struct LedgerMain {
    static func main() async { await LedgerCommand.start() }
}
