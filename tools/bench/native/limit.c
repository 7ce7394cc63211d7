// What this machine can do at best with one 500-byte event on one core: receive it, hash it as leaf and node, write it.
// Also the time of one durable 4 KiB write. Prints one JSON object.
//
//   limit FOLDER      FOLDER lies on the disk in question
#define _GNU_SOURCE
#include "CHashing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENT_BYTES = 500, BLOCK_BYTES = 1 << 20, PAGE_BYTES = 4096 };

_Noreturn static void die(const char *what) {
    fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const size_t received_bytes = (size_t)1 << 30;

static void *send_all(void *argument) {
    int socket = *(int *)argument;
    static char chunk[1 << 18];
    for (size_t sent = 0; sent < received_bytes;) {
        ssize_t count = write(socket, chunk, sizeof chunk);
        if (count <= 0) die("send");
        sent += (size_t)count;
    }
    close(socket);
    return NULL;
}

// CPU nanoseconds of the receiving thread per event, over loopback TCP in reads of 256 KiB.
static double receive(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&address, &length))
        die("listen");
    int sender = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sender, (struct sockaddr *)&address, length)) die("connect");
    int receiver = accept(listener, NULL, NULL);
    pthread_t thread;
    if (receiver < 0 || pthread_create(&thread, NULL, send_all, &sender)) die("accept");
    static char buffer[1 << 18];
    size_t total = 0;
    double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (ssize_t count; (count = read(receiver, buffer, sizeof buffer)) > 0;) total += (size_t)count;
    double used = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    pthread_join(thread, NULL);
    close(receiver);
    close(listener);
    return used * 1e9 / ((double)total / EVENT_BYTES);
}

enum { BATCH = 4096, HASH_ROUNDS = 60 };

// CPU nanoseconds per leaf and per node with one kernel.
static void hash(ind_sha256_kernel kernel, double *leaf, double *node) {
    uint8_t *bytes = malloc(BATCH * (EVENT_BYTES + 2)), *out = malloc(BATCH * IND_SHA256_BYTES);
    uint32_t *offsets = malloc(BATCH * sizeof *offsets), *lengths = malloc(BATCH * sizeof *lengths);
    if (!bytes || !out || !offsets || !lengths) die("memory");
    for (uint32_t i = 0; i < BATCH; i++) {
        offsets[i] = i * (EVENT_BYTES + 2) + 2;
        lengths[i] = EVENT_BYTES;
    }
    memset(bytes, 0x5a, BATCH * (EVENT_BYTES + 2));
    double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int round = 0; round < HASH_ROUNDS; round++)
        ind_leaf_hashes_prefixed(kernel, bytes, offsets, lengths, BATCH, out);
    *leaf = (seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e9 / HASH_ROUNDS / BATCH;
    start = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int round = 0; round < HASH_ROUNDS; round++) ind_node_hashes(kernel, bytes, BATCH, out);
    *node = (seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e9 / HASH_ROUNDS / BATCH;
    free(bytes);
    free(out);
    free(offsets);
    free(lengths);
}

static int open_sized(const char *path, int flags, off_t size) {
    int file = open(path, O_RDWR | O_CREAT | flags, 0600);
    if (file >= 0 && posix_fallocate(file, 0, size)) die("preallocate");
    return file;
}

// CPU nanoseconds per event of writing blocks of 1 MiB past the page cache; through it where that is refused.
static double write_blocks(const char *path, int *direct) {
    enum { BLOCKS = 256 };
    int file = open_sized(path, O_DIRECT, (off_t)BLOCKS * BLOCK_BYTES);
    *direct = file >= 0;
    if (file < 0) file = open_sized(path, 0, (off_t)BLOCKS * BLOCK_BYTES);
    void *block;
    if (file < 0 || posix_memalign(&block, PAGE_BYTES, BLOCK_BYTES)) die(path);
    memset(block, 0x5a, BLOCK_BYTES);
    double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < BLOCKS; i++) {
        if (pwrite(file, block, BLOCK_BYTES, (off_t)i * BLOCK_BYTES) != BLOCK_BYTES) die("write");
        if (i % 4 == 3 && fdatasync(file)) die("fdatasync");
    }
    double used = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    close(file);
    unlink(path);
    free(block);
    return used * 1e9 / ((double)BLOCKS * BLOCK_BYTES / EVENT_BYTES);
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

// Median wall milliseconds of a 4 KiB write and its fdatasync, into a preallocated and once written file.
static double durable_page(const char *path) {
    enum { PAGES = 1000 };
    int file = open_sized(path, 0, (off_t)PAGES * PAGE_BYTES);
    static char page[PAGE_BYTES];
    static double times[PAGES];
    if (file < 0) die(path);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < PAGES; i++) {
            double start = seconds(CLOCK_MONOTONIC);
            if (pwrite(file, page, PAGE_BYTES, (off_t)i * PAGE_BYTES) != PAGE_BYTES) die("write");
            if (pass == 1 && fdatasync(file)) die("fdatasync");
            times[i] = (seconds(CLOCK_MONOTONIC) - start) * 1e3;
        }
        if (pass == 0 && fsync(file)) die("fsync");
    }
    close(file);
    unlink(path);
    qsort(times, PAGES, sizeof times[0], ascending);
    return times[PAGES / 2];
}

int main(int count, char **arguments) {
    if (count != 2 || chdir(arguments[1])) die("usage: limit FOLDER");
    int wrong = ind_sha256_self_check();
    double leaf = 0, node = 0;
    const char *name = "none";
    for (int kernel = 0; kernel < IND_SHA256_KERNELS; kernel++) {
        if (!ind_sha256_kernel_available((ind_sha256_kernel)kernel) || wrong & 1 << kernel) continue;
        double this_leaf, this_node;
        hash((ind_sha256_kernel)kernel, &this_leaf, &this_node);
        if (leaf == 0 || this_leaf + this_node < leaf + node) {
            leaf = this_leaf;
            node = this_node;
            name = ind_sha256_kernel_name((ind_sha256_kernel)kernel);
        }
    }
    int direct;
    double received = receive(), written = write_blocks("limit.blocks", &direct), page = durable_page("limit.pages");
    printf("{\"receive_ns\":%.1f,\"leaf_ns\":%.1f,\"node_ns\":%.1f,\"write_ns\":%.1f,\"kernel\":\"%s\",\"direct\":%s,"
           "\"events_per_second\":%.0f,\"fdatasync_p50_ms\":%.4f}\n",
           received, leaf, node, written, name, direct ? "true" : "false", 1e9 / (received + leaf + node + written),
           page);
    return 0;
}
