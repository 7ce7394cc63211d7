/// One alert, in the forms that outputs want.
package struct AlertMessage: Sendable {
    /// What makes alerts of one cause equal, such as severity and category; the first names the alert.
    package typealias Labels = [(name: String, value: String)]

    /// One object: what commands and webhooks get.
    package let json: [UInt8]
    /// A sentence for people.
    package let summary: String
    /// For Alertmanager.
    package let labels: Labels
    /// When it began, RFC 3339.
    package let startsAt: String

    package init(json: [UInt8], summary: String, labels: Labels, startsAt: String) {
        self.json = json
        self.summary = summary
        self.labels = labels
        self.startsAt = startsAt
    }
}
