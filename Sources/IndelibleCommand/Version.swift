/// The version of the whole suite.
package enum Version {
    package static let current = "0.1.0"
}
