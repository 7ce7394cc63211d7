// CPU time of one leaf hash (500-byte entry) and one node hash, for each kernel that this machine can run and for libcrypto
// with a reused context. The fastest of many rounds: other processes only ever add time. Prints one JSON object per line.
//
//   clang -O2 -o hashes tools/bench/native/hashes.c Sources/CHashing/*.c -I Sources/CHashing/include -lcrypto && ./hashes
#include "CHashing.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ENTRIES = 1024, ENTRY_BYTES = 500, STRIDE = ENTRY_BYTES + 2, ROUNDS = 200 };

static uint8_t bundle[ENTRIES * STRIDE], leaves[ENTRIES * IND_SHA256_BYTES], nodes[ENTRIES / 2 * IND_SHA256_BYTES];
static uint32_t offsets[ENTRIES], lengths[ENTRIES];

static double cpu_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void libcrypto_hash(EVP_MD_CTX *context, uint8_t prefix, const uint8_t *bytes, size_t count, uint8_t *out) {
    if (EVP_DigestInit_ex2(context, NULL, NULL) != 1 || EVP_DigestUpdate(context, &prefix, 1) != 1 ||
        EVP_DigestUpdate(context, bytes, count) != 1 || EVP_DigestFinal_ex(context, out, NULL) != 1) {
        fprintf(stderr, "hashes: libcrypto failed\n");
        exit(1);
    }
}

// `kernel` is negative for libcrypto.
static void hash_leaves(int kernel, EVP_MD_CTX *context) {
    if (kernel >= 0) {
        ind_leaf_hashes_prefixed((ind_sha256_kernel)kernel, bundle, offsets, lengths, ENTRIES, leaves);
        return;
    }
    for (size_t i = 0; i < ENTRIES; i++) {
        libcrypto_hash(context, 0x00, bundle + offsets[i], lengths[i], leaves + i * IND_SHA256_BYTES);
    }
}

static void hash_nodes(int kernel, EVP_MD_CTX *context) {
    if (kernel >= 0) {
        ind_node_hashes((ind_sha256_kernel)kernel, leaves, ENTRIES / 2, nodes);
        return;
    }
    for (size_t i = 0; i < ENTRIES / 2; i++) {
        libcrypto_hash(context, 0x01, leaves + 2 * i * IND_SHA256_BYTES, 2 * IND_SHA256_BYTES,
                       nodes + i * IND_SHA256_BYTES);
    }
}

static void measure(int kernel, const char *name, EVP_MD_CTX *context) {
    double leaf = 1e18, node = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_nanoseconds();
        hash_leaves(kernel, context);
        double middle = cpu_nanoseconds();
        hash_nodes(kernel, context);
        double end = cpu_nanoseconds();
        if (middle - start < leaf) leaf = middle - start;
        if (end - middle < node) node = end - middle;
    }
    printf("{\"kernel\":\"%s\",\"leaf_ns\":%.1f,\"node_ns\":%.1f}\n", name, leaf / ENTRIES, node / (ENTRIES / 2));
}

int main(void) {
    for (size_t p = 0; p < sizeof bundle; p++) bundle[p] = (uint8_t)(p * 2654435761u >> 24);
    for (uint32_t i = 0; i < ENTRIES; i++) offsets[i] = i * STRIDE + 2, lengths[i] = ENTRY_BYTES;
    if (ind_sha256_self_check() != 0) {
        fprintf(stderr, "hashes: a kernel gives wrong digests\n");
        return 1;
    }
    for (int kernel = 0; kernel < IND_SHA256_KERNELS; kernel++) {
        ind_sha256_kernel number = (ind_sha256_kernel)kernel;
        if (ind_sha256_kernel_available(number)) measure(kernel, ind_sha256_kernel_name(number), NULL);
    }
    EVP_MD *algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (algorithm == NULL || context == NULL || EVP_DigestInit_ex2(context, algorithm, NULL) != 1) {
        fprintf(stderr, "hashes: libcrypto failed\n");
        return 1;
    }
    measure(-1, "libcrypto", context);
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
    return 0;
}
