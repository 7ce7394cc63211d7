// Compares every kernel that this machine can run with one known answer.
#include "sha256_internal.h"

#include <string.h>

enum { ENTRIES = 40, LENGTH_BYTES = 2, BUNDLE_BYTES = 6900 };

// SHA-256 over the 40 leaf hashes and the 20 node hashes of their pairs, computed with Python's hashlib. Entry i has
// 3 i^2 mod 400 bytes, two bytes stand before each entry, and byte p of it all is (p^2 + 7 p) / 8 mod 256.
static const uint8_t expected[IND_SHA256_BYTES] = {
    0xc0, 0xde, 0x0d, 0x5b, 0x0e, 0x7a, 0xd7, 0x23, 0x58, 0xa1, 0xc8, 0x20, 0xd5, 0x7d, 0x79, 0xb6,
    0x17, 0xb6, 0x86, 0x07, 0xd2, 0x51, 0xbb, 0xb5, 0x00, 0x2c, 0x10, 0x80, 0x0e, 0x1b, 0x0f, 0x41,
};

// Whether the kernel's leaf, node and single hashes lead to the known answer, and the bundle is as it was.
static int agrees(ind_sha256_kernel kernel, int in_place) {
    uint8_t bundle[BUNDLE_BYTES], hashes[(ENTRIES + ENTRIES / 2) * IND_SHA256_BYTES], digest[IND_SHA256_BYTES];
    uint32_t offsets[ENTRIES], lengths[ENTRIES];
    for (uint32_t p = 0; p < BUNDLE_BYTES; p++) bundle[p] = (uint8_t)((p * p + 7 * p) >> 3);
    uint32_t end = 0;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        offsets[i] = end + LENGTH_BYTES;
        lengths[i] = 3 * i * i % 400;
        end = offsets[i] + lengths[i];
    }
    if (in_place) {
        ind_leaf_hashes_prefixed(kernel, bundle, offsets, lengths, ENTRIES, hashes);
    } else {
        ind_leaf_hashes(kernel, bundle, offsets, lengths, ENTRIES, hashes);
    }
    for (uint32_t p = 0; p < BUNDLE_BYTES; p++) {
        if (bundle[p] != (uint8_t)((p * p + 7 * p) >> 3)) return 0;
    }
    ind_node_hashes(kernel, hashes, ENTRIES / 2, hashes + ENTRIES * IND_SHA256_BYTES);
    ind_sha256_with(ind_sha256_table(kernel).compress_one, -1, hashes, sizeof hashes, digest);
    return end == BUNDLE_BYTES && memcmp(digest, expected, sizeof digest) == 0;
}

int ind_sha256_self_check(void) {
    int wrong = 0;
    for (int number = 0; number < IND_SHA256_KERNELS; number++) {
        ind_sha256_kernel kernel = (ind_sha256_kernel)number;
        if (!ind_sha256_kernel_available(kernel)) continue;
        if (!agrees(kernel, 0) || !agrees(kernel, 1)) wrong |= 1 << number;
    }
    return wrong;
}
