import VerifierService

@main
struct VerifierMain {
    static func main() async { await VerifierCommand.start() }
}
