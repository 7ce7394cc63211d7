#include "CTimestamp.h"

#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

// The imprint of a digest; NULL when there is no memory.
static TS_MSG_IMPRINT *new_imprint(const uint8_t *digest) {
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    int done = imprint != NULL && algorithm != NULL &&
               X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
               TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
               TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)digest, IND_TIMESTAMP_DIGEST_BYTES) == 1;
    X509_ALGOR_free(algorithm);
    if (done) return imprint;
    TS_MSG_IMPRINT_free(imprint);
    return NULL;
}

static ASN1_INTEGER *new_nonce(uint64_t nonce) {
    ASN1_INTEGER *integer = ASN1_INTEGER_new();
    if (integer != NULL && ASN1_INTEGER_set_uint64(integer, nonce) == 1) return integer;
    ASN1_INTEGER_free(integer);
    return NULL;
}

const char *ind_timestamp_request(const uint8_t *digest, uint64_t nonce, uint8_t *out, size_t *count) {
    const char *failed = NULL;
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = new_imprint(digest);
    ASN1_INTEGER *integer = new_nonce(nonce);
    int size = 0;
    if (request == NULL || imprint == NULL || integer == NULL) {
        failed = "make a request";
    } else if (TS_REQ_set_version(request, 1) != 1 || TS_REQ_set_msg_imprint(request, imprint) != 1 ||
               TS_REQ_set_nonce(request, integer) != 1 || TS_REQ_set_cert_req(request, 1) != 1) {
        failed = "fill in the request";
    } else if ((size = i2d_TS_REQ(request, NULL)) <= 0 || size > IND_TIMESTAMP_REQUEST_BYTES_MAX) {
        failed = "encode the request";
    } else {
        *count = (size_t)i2d_TS_REQ(request, &out);
    }
    ASN1_INTEGER_free(integer);
    TS_MSG_IMPRINT_free(imprint);
    TS_REQ_free(request);
    return failed;
}

// The time in a token, in seconds since 1970.
static int token_seconds(TS_TST_INFO *info, time_t *seconds) {
    struct tm parts;
    memset(&parts, 0, sizeof parts);
    if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) return 0;
    *seconds = timegm(&parts);
    return *seconds >= 0;
}

// The authorities, asked about certificates as of the time in the token: they may have expired since.
static X509_STORE *new_store(const char *authorities, time_t seconds) {
    X509_STORE *store = X509_STORE_new();
    BIO *bio = BIO_new_mem_buf(authorities, -1);
    int count = 0;
    X509 *certificate = NULL;
    while (store != NULL && bio != NULL && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        count += X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
    }
    ERR_clear_error();  // The end of the text is one.
    BIO_free(bio);
    if (count > 0) {
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), seconds);
        return store;
    }
    X509_STORE_free(store);
    return NULL;
}

// Takes over `store`.
static const char *verify(TS_RESP *response, const uint8_t *digest, const uint64_t *nonce, X509_STORE *store) {
    const char *failed = NULL;
    TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
    unsigned char *imprint = OPENSSL_memdup(digest, IND_TIMESTAMP_DIGEST_BYTES);
    ASN1_INTEGER *integer = nonce == NULL ? NULL : new_nonce(*nonce);
    if (context == NULL || imprint == NULL || (nonce != NULL && integer == NULL)) {
        OPENSSL_free(imprint);
        X509_STORE_free(store);
        failed = "prepare the check";
    } else {
        const TS_TST_INFO *info = TS_RESP_get_tst_info(response);
        TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_IMPRINT);
        TS_VERIFY_CTX_set_store(context, store);
        TS_VERIFY_CTX_set_imprint(context, imprint, IND_TIMESTAMP_DIGEST_BYTES);
        const ASN1_INTEGER *answered = TS_TST_INFO_get_nonce(info);
        if (TS_RESP_verify_response(context, response) != 1) {
            failed = "verify the token";
        } else if (nonce != NULL && (answered == NULL || ASN1_INTEGER_cmp(answered, integer) != 0)) {
            failed = "find the nonce of the request";
        }
    }
    ASN1_INTEGER_free(integer);
    TS_VERIFY_CTX_free(context);
    return failed;
}

const char *ind_timestamp_verify(const uint8_t *bytes, size_t count, const uint8_t *digest, const uint64_t *nonce,
                                 const char *authorities, int64_t *seconds) {
    if (count > LONG_MAX) return "read the response";
    const unsigned char *position = bytes;
    TS_RESP *response = d2i_TS_RESP(NULL, &position, (long)count);
    const char *failed = NULL;
    time_t time = 0;
    if (response == NULL || position != bytes + count) {
        failed = "read the response";
    } else if (TS_RESP_get_tst_info(response) == NULL) {
        failed = "find a token in the response: the authority refused";
    } else if (OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(TS_RESP_get_tst_info(response)))->algorithm) !=
               NID_sha256) {
        failed = "find a SHA-256 imprint in the token";
    } else if (!token_seconds(TS_RESP_get_tst_info(response), &time)) {
        failed = "read the time in the token";
    } else {
        X509_STORE *store = new_store(authorities, time);
        failed = store == NULL ? "read the authorities' certificates" : verify(response, digest, nonce, store);
        *seconds = (int64_t)time;
    }
    TS_RESP_free(response);
    return failed;
}
