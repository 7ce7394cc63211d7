// A private certificate authority: X.509 v3 certificates with ECDSA keys on P-256 (RFC 5280), in PEM.
//
// Functions that return text return NULL on success and otherwise the name of the step that failed, which is static. All
// strings are NUL-terminated; names, roles and hosts must have been checked by the caller. Nothing here keeps state.
#ifndef INDELIBLE_X509_H
#define INDELIBLE_X509_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What stands before the role in the URI of a certificate's subject alternative name.
#define IND_X509_ROLE_PREFIX "indelible://role/"

// A certificate and its private key (PKCS #8, not encrypted). Release with ind_x509_identity_free.
typedef struct ind_x509_identity {
    char *certificate_pem;
    char *private_key_pem;
} ind_x509_identity;

void ind_x509_identity_free(ind_x509_identity *identity);

// Whether `host` is an IPv4 or IPv6 address in text.
int ind_x509_is_address(const char *host);

// Times are seconds since 1970; the certificate is valid for `days` days from `not_before`.
const char *ind_x509_create_authority(const char *name, int64_t not_before, int32_t days, ind_x509_identity *out);

// Issues a certificate for both ends of a TLS connection: subject CN `name` and OU `role`; subject alternative names: the
// URI IND_X509_ROLE_PREFIX followed by `role`, and each of the `host_count` hosts as an IP address where it is one, else as a
// DNS name.
const char *ind_x509_issue(const char *authority_pem, const char *authority_key_pem, const char *name, const char *role,
                           const char *const *hosts, size_t host_count, int64_t not_before, int32_t days,
                           ind_x509_identity *out);

// Whether the certificate is an authority's and belongs to the key.
const char *ind_x509_check_authority(const char *authority_pem, const char *authority_key_pem);

// Checks that the authority issued the certificate, that both are valid at `time`, and that it serves both ends of a
// connection. `name` and `role` receive the subject's CN and the role in its URI, at most 64 bytes and a NUL; a
// certificate without either, or with a longer one, fails.
const char *ind_x509_verify(const char *authority_pem, const char *certificate_pem, int64_t time, char name[65],
                            char role[65]);

#ifdef __cplusplus
}
#endif

#endif
