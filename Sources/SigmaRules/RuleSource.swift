/// Where events of one kind come from: what a rule's `logsource` names, and how its records look here.
package struct RuleSource: Sendable {
    package let product: String
    /// Services that mean these records; an empty one stands for a rule without a service.
    package let services: Set<String>
    /// Of events, those whose records may be of this source.
    package let formats: [String]
    /// Fields that name the actor: a correlation counts within one actor, so it must group by one of them.
    package let actorFields: [String]
    /// Where records keep fields beside their top, such as `EventData.`.
    package let roots: [String]

    package init(
        product: String,
        services: Set<String>,
        formats: [String],
        actorFields: [String],
        roots: [String] = [],
    ) {
        self.product = product
        self.services = services
        self.formats = formats
        self.actorFields = actorFields
        self.roots = roots
    }
}
