// VerifierCore
