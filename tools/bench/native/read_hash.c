// What verifying a log cannot do without: reads every full entry bundle of an exported log and hashes it, leaves and nodes,
// and compares nothing. Prints one JSON object with the entries and the CPU seconds of it.
//
//   read_hash FOLDER      of `indelible export tiles`
#include "CHashing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 256, BUNDLES_AT_ONCE = 32, BUNDLE_BYTES_MAX = WIDTH * (2 + 65535) };

static uint8_t bundle[BUNDLE_BYTES_MAX], leaves[BUNDLES_AT_ONCE * WIDTH * IND_SHA256_BYTES];

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// C2SP tlog-tiles: groups of three digits, an x before each but the last.
static int open_bundle(int folder, unsigned long index) {
    char path[64];
    if (index < 1000) {
        snprintf(path, sizeof path, "tile/entries/%03lu", index);
    } else if (index < 1000000) {
        snprintf(path, sizeof path, "tile/entries/x%03lu/%03lu", index / 1000, index % 1000);
    } else {
        snprintf(path, sizeof path, "tile/entries/x%03lu/x%03lu/%03lu", index / 1000000, index / 1000 % 1000, index % 1000);
    }
    return openat(folder, path, O_RDONLY | O_CLOEXEC);
}

static size_t read_bundle(int file) {
    size_t count = 0;
    for (;;) {
        ssize_t got = read(file, bundle + count, sizeof bundle - count);
        if (got < 0) {
            perror("read_hash");
            exit(1);
        }
        if (got == 0) return count;
        count += (size_t)got;
    }
}

static void hash_bundle(ind_sha256_kernel kernel, size_t byte_count, uint8_t *out) {
    uint32_t offsets[WIDTH], lengths[WIDTH];
    size_t position = 0;
    for (size_t i = 0; i < WIDTH; i++) {
        size_t length = (size_t)bundle[position] << 8 | bundle[position + 1];
        if (position + 2 + length > byte_count) {
            fprintf(stderr, "read_hash: a bundle is cut short\n");
            exit(1);
        }
        offsets[i] = (uint32_t)(position + 2);
        lengths[i] = (uint32_t)length;
        position += 2 + length;
    }
    ind_leaf_hashes_prefixed(kernel, bundle, offsets, lengths, WIDTH, out);
}

int main(int argc, char **argv) {
    int folder = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder < 0) {
        fprintf(stderr, "read_hash: name the folder of an exported log\n");
        return 2;
    }
    ind_sha256_kernel kernel = ind_sha256_kernel_best();
    unsigned long index = 0;
    size_t pending = 0;
    double start = cpu_seconds();
    for (int file; (file = open_bundle(folder, index)) >= 0; index++) {
        size_t byte_count = read_bundle(file);
        close(file);
        hash_bundle(kernel, byte_count, leaves + pending++ * WIDTH * IND_SHA256_BYTES);
        if (pending < BUNDLES_AT_ONCE) continue;
        for (size_t nodes = pending * WIDTH; nodes > 1; nodes /= 2) ind_node_hashes(kernel, leaves, nodes / 2, leaves);
        pending = 0;
    }
    printf("{\"entries\":%lu,\"cpu_seconds\":%.4f}\n", index * WIDTH, cpu_seconds() - start);
    return 0;
}
