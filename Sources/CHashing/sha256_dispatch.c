// Which SHA-256 kernels this machine can run, and what stands behind each of them.
#include "sha256_internal.h"

#include <stdatomic.h>

#if defined(__x86_64__)
#include <cpuid.h>

enum { ASKED = 1, BMI2 = 2, AVX2 = 4, SHANI = 8, AVX512 = 16 };

// CPUID leaf 7, EBX bit 29. Asked by hand: __builtin_cpu_supports does not know the name everywhere.
static int has_sha_instructions(void) {
    unsigned int eax, ebx, ecx, edx;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx >> 29 & 1) != 0;
}

// CPUID leaves the virtual machine and takes microseconds there, so it is asked once. Racing first calls find the same.
static unsigned int features(void) {
    static atomic_uint known;
    unsigned int found = atomic_load_explicit(&known, memory_order_relaxed);
    if (found != 0) return found;
    __builtin_cpu_init();
    found = ASKED;
    if (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) found |= BMI2;
    if (__builtin_cpu_supports("avx2")) found |= AVX2;
    if (__builtin_cpu_supports("sse4.1") && has_sha_instructions()) found |= SHANI;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) found |= AVX512;
    atomic_store_explicit(&known, found, memory_order_relaxed);
    return found;
}

static ind_compress_one *fastest_compress_one(void) {
    if (features() & SHANI) return ind_compress_shani;
    return features() & BMI2 ? ind_compress_bmi2 : ind_compress_portable;
}
#else
static ind_compress_one *fastest_compress_one(void) { return ind_compress_portable; }
#endif

int ind_sha256_kernel_available(ind_sha256_kernel kernel) {
    switch (kernel) {
    case IND_SHA256_PORTABLE: return 1;
#if defined(__x86_64__)
    case IND_SHA256_AVX2: return (features() & AVX2) != 0;
    case IND_SHA256_SHANI: return (features() & SHANI) != 0;
    case IND_SHA256_AVX512: return (features() & AVX512) != 0;
#endif
    default: return 0;
    }
}

ind_sha256_kernel ind_sha256_kernel_best(void) {
    for (int kernel = IND_SHA256_KERNELS - 1; kernel > IND_SHA256_PORTABLE; kernel--) {
        if (ind_sha256_kernel_available((ind_sha256_kernel)kernel)) return (ind_sha256_kernel)kernel;
    }
    return IND_SHA256_PORTABLE;
}

const char *ind_sha256_kernel_name(ind_sha256_kernel kernel) {
    switch (kernel) {
    case IND_SHA256_PORTABLE: return "portable";
    case IND_SHA256_AVX2: return "avx2";
    case IND_SHA256_SHANI: return "sha-ni";
    case IND_SHA256_AVX512: return "avx512";
    default: return "unknown";
    }
}

ind_kernel_table ind_sha256_table(ind_sha256_kernel kernel) {
    if (!ind_sha256_kernel_available(kernel)) __builtin_trap();
    ind_kernel_table table = {.lanes = 1, .lanes_worthwhile = SIZE_MAX, .compress_one = ind_compress_portable};
#if defined(__x86_64__)
    // One step of all lanes costs as much as this many messages alone: measured, with and without SHA instructions.
    int alone_is_fast = (features() & SHANI) != 0;
    if (kernel != IND_SHA256_PORTABLE) table.compress_one = fastest_compress_one();
    switch (kernel) {
    case IND_SHA256_AVX2:
        table.lanes = 8, table.lanes_worthwhile = alone_is_fast ? 8 : 2;
        table.compress_lanes = ind_compress_avx2_x8, table.node_group = ind_node_group_avx2;
        break;
    case IND_SHA256_SHANI:
        table.lanes = 2, table.lanes_worthwhile = 2;
        table.compress_lanes = ind_compress_shani_x2, table.node_group = ind_node_group_shani;
        break;
    case IND_SHA256_AVX512:
        table.lanes = 16, table.lanes_worthwhile = alone_is_fast ? 6 : 2;
        table.compress_lanes = ind_compress_avx512_x16, table.node_group = ind_node_group_avx512;
        break;
    case IND_SHA256_PORTABLE:
        break;
    }
#endif
    return table;
}

void ind_sha256(int prefix, const uint8_t *bytes, size_t count, uint8_t out[IND_SHA256_BYTES]) {
    ind_sha256_with(fastest_compress_one(), prefix, bytes, count, out);
}
