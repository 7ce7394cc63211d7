import AnalyzerCore
import Primitives
import ServiceKit
import SigmaRules

/// The rules of this process.
enum RuleFile {
    /// Reads and compiles all rules of a folder.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for the first rule that cannot be used.
    static func load(_ path: String) throws(IndelibleError) -> RuleSet {
        let files = try RuleFolder.read(
            path,
            fileCountMax: SigmaLimits.ruleCountMax,
            fileByteCountMax: SigmaLimits.fileByteCountMax,
        )
        return try RuleSet.strict(files.map { RuleSet.File(name: $0.name, bytes: $0.bytes) })
    }
}
