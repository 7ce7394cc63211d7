// SHA-256 of many messages at once, and CRC-32C.
//
// Every function is a pure function of its arguments, safe to call from any thread, and never fails: what a kernel
// needs from the processor is asked once with ind_sha256_kernel_available. Results are the same for every kernel.
#ifndef INDELIBLE_CHASHING_H
#define INDELIBLE_CHASHING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Number of bytes of a SHA-256 digest.
#define IND_SHA256_BYTES 32

// Ways to compute SHA-256 (FIPS 180-4, section 6.2). The numbers are stable.
typedef enum ind_sha256_kernel {
    IND_SHA256_PORTABLE = 0, // Plain C, one message at a time, every machine.
    IND_SHA256_AVX2 = 1,     // x86-64, eight messages side by side.
    IND_SHA256_SHANI = 2,    // x86-64 SHA instructions, two messages interleaved.
    IND_SHA256_AVX512 = 3,   // x86-64, sixteen messages side by side.
} ind_sha256_kernel;

#define IND_SHA256_KERNELS 4

// Whether this machine can run `kernel`; 0 for numbers that are not in the enum.
int ind_sha256_kernel_available(ind_sha256_kernel kernel);

// The fastest available kernel for batches: AVX-512, then SHA-NI, then AVX2, then plain C.
ind_sha256_kernel ind_sha256_kernel_best(void);

// "portable", "avx2", "sha-ni", "avx512"; "unknown" for numbers that are not in the enum.
const char *ind_sha256_kernel_name(ind_sha256_kernel kernel);

// The bit mask (1 << kernel) of the available kernels that give a wrong digest for a known answer; 0 is the good case.
// Takes about a millisecond.
int ind_sha256_self_check(void);

// SHA-256 of prefix || bytes, where the prefix is the byte `prefix` when that is 0 to 255 and absent when negative.
// The way to hash one message: SHA instructions where there are some, else plain C.
void ind_sha256(int prefix, const uint8_t *bytes, size_t count, uint8_t out[IND_SHA256_BYTES]);

// RFC 6962 leaf hashes, SHA-256(0x00 || entry), of `count` entries; entry i is the lengths[i] bytes at
// base + offsets[i]. Writes 32 * count bytes to `out`. The kernel must be available.
void ind_leaf_hashes(ind_sha256_kernel kernel, const uint8_t *base, const uint32_t *offsets, const uint32_t *lengths,
                     size_t count, uint8_t *out);

// The same, in place and therefore faster: the byte before each entry, base[offsets[i] - 1], must exist, must belong to
// no entry (in an entry bundle it is the low byte of the length), and is set to 0x00 while its entry is being read.
// It has its old value again when the function returns; nobody may read it in between.
void ind_leaf_hashes_prefixed(ind_sha256_kernel kernel, uint8_t *base, const uint32_t *offsets, const uint32_t *lengths,
                              size_t count, uint8_t *out);

// RFC 6962 node hashes, SHA-256(0x01 || left || right), of the `count` pairs in the 64 * count bytes at `children`.
// Writes 32 * count bytes to `out`, which may start at `children` or one digest later: parents overwrite only children
// that have been read.
void ind_node_hashes(ind_sha256_kernel kernel, const uint8_t *children, size_t count, uint8_t *out);

// CRC-32C (Castagnoli; RFC 3720, section 12.1) of `count` bytes, continuing from `seed`, which is 0 at the start and the
// last result afterwards.
uint32_t ind_crc32c(uint32_t seed, const uint8_t *bytes, size_t count);

// The table-driven CRC-32C that machines without SSE 4.2 use; for tests.
uint32_t ind_crc32c_portable(uint32_t seed, const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
