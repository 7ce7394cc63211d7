import IndelibleCommand

@main
struct IndelibleMain {
    static func main() async { await Indelible.start() }
}
