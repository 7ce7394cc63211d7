// Time-stamp requests and responses (RFC 3161) over SHA-256.
//
// Functions return NULL on success and otherwise the name of the step that failed, which is static. Nothing here keeps state.
#ifndef INDELIBLE_CTIMESTAMP_H
#define INDELIBLE_CTIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { IND_TIMESTAMP_DIGEST_BYTES = 32, IND_TIMESTAMP_REQUEST_BYTES_MAX = 256 };

// Writes a DER TimeStampReq that asks for the authority's certificate, too.
const char *ind_timestamp_request(const uint8_t *digest, uint64_t nonce, uint8_t *out, size_t *count);

// Checks a DER TimeStampResp: granted, signed by a certificate for time stamping that leads to one of the authorities in
// `authorities` (PEM, NUL-terminated) and was valid when it signed, and over `digest`. `nonce` may be NULL, when the request is not at hand.
// `seconds` receives the time in the token, since 1970.
const char *ind_timestamp_verify(const uint8_t *response, size_t count, const uint8_t *digest, const uint64_t *nonce,
                                 const char *authorities, int64_t *seconds);

#ifdef __cplusplus
}
#endif

#endif
