#include "ind_x509.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SERIAL_BITS = 159, VERSION_3 = 2, TEXT_MAX = 64 };

// The bytes of a memory BIO as a string from malloc; NULL when there is no memory.
static char *take_text(BIO *bio) {
    char *bytes = NULL;
    long count = BIO_get_mem_data(bio, &bytes);
    char *text = count < 0 ? NULL : malloc((size_t)count + 1);
    if (text == NULL) return NULL;
    memcpy(text, bytes, (size_t)count);
    text[count] = '\0';
    return text;
}

static char *certificate_text(X509 *certificate) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = bio != NULL && PEM_write_bio_X509(bio, certificate) == 1 ? take_text(bio) : NULL;
    BIO_free(bio);
    return text;
}

static char *key_text(EVP_PKEY *key) {
    BIO *bio = BIO_new(BIO_s_mem());
    int written = bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
    char *text = written ? take_text(bio) : NULL;
    BIO_free(bio);
    return text;
}

static X509 *read_certificate(const char *pem) {
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return certificate;
}

// An encrypted key is refused, not asked for on the terminal.
static int no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static EVP_PKEY *read_key(const char *pem) {
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    return key;
}

static int set_serial(X509 *certificate) {
    BIGNUM *number = BN_new();
    int done = number != NULL && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
               BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return done;
}

static int set_validity(X509 *certificate, int64_t not_before, int32_t days) {
    time_t start = (time_t)not_before;
    return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &start) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, &start) != NULL;
}

static int add_text(X509_NAME *name, const char *field, const char *text) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) == 1;
}

static int add_extension(X509 *certificate, X509 *issuer, int kind, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    int done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

// Takes over `value`, which may be NULL.
static int add_general_name(GENERAL_NAMES *names, int kind, ASN1_STRING *value) {
    GENERAL_NAME *name = value == NULL ? NULL : GENERAL_NAME_new();
    if (name == NULL) {
        ASN1_STRING_free(value);
        return 0;
    }
    GENERAL_NAME_set0_value(name, kind, value);
    if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
    GENERAL_NAME_free(name);
    return 0;
}

static ASN1_STRING *ascii(const char *text) {
    ASN1_STRING *string = ASN1_IA5STRING_new();
    if (string != NULL && ASN1_STRING_set(string, text, -1) == 1) return string;
    ASN1_STRING_free(string);
    return NULL;
}

static int add_alternative_names(X509 *certificate, const char *role, const char *const *hosts, size_t host_count) {
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    char uri[sizeof IND_X509_ROLE_PREFIX + TEXT_MAX];
    int done = names != NULL && strlen(role) <= TEXT_MAX;
    if (done) {
        memcpy(uri, IND_X509_ROLE_PREFIX, sizeof IND_X509_ROLE_PREFIX - 1);
        memcpy(uri + sizeof IND_X509_ROLE_PREFIX - 1, role, strlen(role) + 1);
        done = add_general_name(names, GEN_URI, ascii(uri));
    }
    for (size_t i = 0; done && i < host_count; i++) {
        ASN1_OCTET_STRING *address = a2i_IPADDRESS(hosts[i]);
        done = address != NULL ? add_general_name(names, GEN_IPADD, address)
                               : add_general_name(names, GEN_DNS, ascii(hosts[i]));
    }
    done = done && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return done;
}

int ind_x509_is_address(const char *host) {
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    ASN1_OCTET_STRING_free(address);
    return address != NULL;
}

void ind_x509_identity_free(ind_x509_identity *identity) {
    if (identity->private_key_pem != NULL) OPENSSL_cleanse(identity->private_key_pem, strlen(identity->private_key_pem));
    free(identity->private_key_pem);
    free(identity->certificate_pem);
    *identity = (ind_x509_identity){0};
}

// Signs and writes both parts.
static const char *finish(X509 *certificate, EVP_PKEY *key, EVP_PKEY *signer, ind_x509_identity *out) {
    if (X509_sign(certificate, signer, EVP_sha256()) == 0) return "sign a certificate";
    out->certificate_pem = certificate_text(certificate);
    out->private_key_pem = key_text(key);
    if (out->certificate_pem != NULL && out->private_key_pem != NULL) return NULL;
    ind_x509_identity_free(out);
    return "write a certificate and its key";
}

const char *ind_x509_create_authority(const char *name, int64_t not_before, int32_t days, ind_x509_identity *out) {
    *out = (ind_x509_identity){0};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *subject = certificate == NULL ? NULL : X509_get_subject_name(certificate);
    const char *failed = NULL;
    if (key == NULL) {
        failed = "create a P-256 key";
    } else if (subject == NULL || X509_set_version(certificate, VERSION_3) != 1 || !set_serial(certificate) ||
               !set_validity(certificate, not_before, days) || !add_text(subject, "CN", name) ||
               X509_set_issuer_name(certificate, subject) != 1 || X509_set_pubkey(certificate, key) != 1 ||
               !add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
               !add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
               !add_extension(certificate, certificate, NID_subject_key_identifier, "hash")) {
        failed = "fill in an authority's certificate";
    } else {
        failed = finish(certificate, key, key, out);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return failed;
}

static const char *issue(X509 *issuer, EVP_PKEY *signer, X509 *certificate, EVP_PKEY *key, const char *name,
                         const char *role, const char *const *hosts, size_t host_count, int64_t not_before,
                         int32_t days, ind_x509_identity *out) {
    X509_NAME *subject = X509_get_subject_name(certificate);
    if (X509_set_version(certificate, VERSION_3) != 1 || !set_serial(certificate) ||
        !set_validity(certificate, not_before, days) || !add_text(subject, "CN", name) ||
        !add_text(subject, "OU", role) || X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
        X509_set_pubkey(certificate, key) != 1) {
        return "fill in a certificate";
    }
    if (!add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
        !add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") ||
        !add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth") ||
        !add_extension(certificate, issuer, NID_subject_key_identifier, "hash") ||
        !add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") ||
        !add_alternative_names(certificate, role, hosts, host_count)) {
        return "extend a certificate";
    }
    return finish(certificate, key, signer, out);
}

// The parts of an authority; both NULL unless they fit each other.
static const char *read_authority(const char *pem, const char *key_pem, X509 **certificate, EVP_PKEY **key) {
    *certificate = read_certificate(pem);
    *key = read_key(key_pem);
    const char *failed = NULL;
    if (*certificate == NULL) {
        failed = "read the authority's certificate";
    } else if (*key == NULL) {
        failed = "read the authority's private key";
    } else if (X509_check_private_key(*certificate, *key) != 1) {
        failed = "match the authority's certificate with its private key";
    } else if (X509_check_ca(*certificate) != 1) {
        failed = "find a certificate authority in the certificate";
    }
    if (failed == NULL) return NULL;
    X509_free(*certificate);
    EVP_PKEY_free(*key);
    *certificate = NULL;
    *key = NULL;
    return failed;
}

const char *ind_x509_check_authority(const char *authority_pem, const char *authority_key_pem) {
    X509 *certificate;
    EVP_PKEY *key;
    const char *failed = read_authority(authority_pem, authority_key_pem, &certificate, &key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return failed;
}

const char *ind_x509_issue(const char *authority_pem, const char *authority_key_pem, const char *name, const char *role,
                           const char *const *hosts, size_t host_count, int64_t not_before, int32_t days,
                           ind_x509_identity *out) {
    *out = (ind_x509_identity){0};
    X509 *issuer;
    EVP_PKEY *signer;
    const char *failed = read_authority(authority_pem, authority_key_pem, &issuer, &signer);
    if (failed != NULL) return failed;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    failed = key == NULL || certificate == NULL
                 ? "create a P-256 key"
                 : issue(issuer, signer, certificate, key, name, role, hosts, host_count, not_before, days, out);
    X509_free(certificate);
    EVP_PKEY_free(key);
    X509_free(issuer);
    EVP_PKEY_free(signer);
    return failed;
}

// Whether `issuer` vouches for `certificate` at `time` for the given purpose.
static int chain_is_good(X509 *issuer, X509 *certificate, int64_t time, int purpose) {
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int good = store != NULL && context != NULL && X509_STORE_add_cert(store, issuer) == 1 &&
               X509_STORE_CTX_init(context, store, certificate, NULL) == 1;
    if (good) {
        X509_STORE_CTX_set_time(context, 0, (time_t)time);
        good = X509_STORE_CTX_set_purpose(context, purpose) == 1 && X509_verify_cert(context) == 1;
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return good;
}

// Copies what follows `prefix` in a certificate's text; 0 when the prefix is not there, or a NUL is hidden in the text.
static int copy_after(const char *prefix, const ASN1_STRING *string, char text[TEXT_MAX + 1]) {
    size_t skipped = strlen(prefix), count = (size_t)ASN1_STRING_length(string);
    const unsigned char *bytes = ASN1_STRING_get0_data(string);
    if (count <= skipped || count - skipped > TEXT_MAX || memcmp(bytes, prefix, skipped) != 0) return 0;
    if (memchr(bytes, '\0', count) != NULL) return 0;
    memcpy(text, bytes + skipped, count - skipped);
    text[count - skipped] = '\0';
    return 1;
}

// The role, from the one URI of ours in the subject alternative names; none and several are both refused.
static int copy_role(X509 *certificate, char role[TEXT_MAX + 1]) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int found = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int kind;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &kind);
        if (kind == GEN_URI && copy_after(IND_X509_ROLE_PREFIX, value, role)) found++;
    }
    GENERAL_NAMES_free(names);
    return found == 1;
}

static int copy_name(X509 *certificate, char name[TEXT_MAX + 1]) {
    X509_NAME *subject = X509_get_subject_name(certificate);
    int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return position >= 0 && copy_after("", X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position)), name);
}

const char *ind_x509_verify(const char *authority_pem, const char *certificate_pem, int64_t time, char name[65],
                            char role[65]) {
    X509 *issuer = read_certificate(authority_pem);
    X509 *certificate = read_certificate(certificate_pem);
    const char *failed = NULL;
    if (issuer == NULL) {
        failed = "read the authority's certificate";
    } else if (certificate == NULL) {
        failed = "read the certificate";
    } else if (!chain_is_good(issuer, certificate, time, X509_PURPOSE_SSL_SERVER) ||
               !chain_is_good(issuer, certificate, time, X509_PURPOSE_SSL_CLIENT)) {
        failed = "follow the certificate to the authority";
    } else if (!copy_name(certificate, name) || !copy_role(certificate, role)) {
        failed = "find a name and a role in the certificate";
    }
    X509_free(certificate);
    X509_free(issuer);
    return failed;
}
