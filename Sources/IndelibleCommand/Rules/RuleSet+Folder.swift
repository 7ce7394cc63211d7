import AnalyzerCore
import Primitives
import ServiceKit
import SigmaRules

extension RuleSet {
    /// Compiles all rules of a folder.
    ///
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no such folder or no file in it.
    static func folder(_ path: String) throws(IndelibleError) -> (set: RuleSet, refusals: [Refusal]) {
        let files = try RuleFolder.read(
            path,
            fileCountMax: SigmaLimits.ruleCountMax,
            fileByteCountMax: SigmaLimits.fileByteCountMax,
        )
        return try Self.compile(files.map { File(name: $0.name, bytes: $0.bytes) }, sources: RuleSource.all)
    }
}
