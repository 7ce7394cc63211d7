"""A client of Indelible that shares nothing with it but proto/ and docs/protocol.md."""
