// The system calls that Platform needs, with errors as return values: a negative result is -errno.
//
// Every function restarts after a signal. Nothing here keeps state, so any thread may call any of it.
#ifndef INDELIBLE_CPLATFORM_H
#define INDELIBLE_CPLATFORM_H

#include <stddef.h>
#include <stdint.h>

#include "ind_x509.h"

#ifdef __cplusplus
extern "C" {
#endif

// How ind_open_at opens.
typedef enum ind_open_mode {
    IND_OPEN_READ = 0,
    IND_OPEN_READ_WRITE = 1, // Creates the file when there is none.
    IND_OPEN_CREATE_NEW = 2, // Fails with EEXIST when there is one.
    IND_OPEN_DIRECT = 3,     // As IND_OPEN_READ_WRITE, past the page cache; buffered where that is refused.
    IND_OPEN_DIRECTORY = 4,
} ind_open_mode;

// A descriptor, closed on exec. `directory` is a descriptor or, for paths from the working directory, negative.
int ind_open_at(int directory, const char *path, ind_open_mode mode);

// Reads until `count` bytes are there or the file ends; the number of bytes read.
int64_t ind_read_at(int file, void *bytes, size_t count, uint64_t offset);

// Writes all of it; 0. A descriptor that turns out to refuse O_DIRECT becomes a buffered one.
int ind_write_at(int file, const void *bytes, size_t count, uint64_t offset);

// fdatasync: the bytes, and the length that is needed to read them.
int ind_sync_bytes(int file);

// fsync, for directories.
int ind_sync_all(int file);

// The file's length in bytes.
int64_t ind_size(int file);

// Takes the space of the first `count` bytes and sets the length to `count`.
int ind_allocate(int file, uint64_t count);

int ind_truncate(int file, uint64_t count);

// Takes an open-file-description write lock on all of the file, without waiting; -EAGAIN when somebody else has it.
int ind_lock(int file);

// Free and total bytes for this user on the file system that holds `file`.
int ind_space(int file, uint64_t *free_bytes, uint64_t *total_bytes);

int ind_make_directory_at(int directory, const char *path);
int ind_rename_at(int directory, const char *from, const char *to);
int ind_remove_at(int directory, const char *path);
int ind_mode_at(int directory, const char *path, unsigned mode);
// 1 when there is something of that name, 0 when there is not.
int ind_exists_at(int directory, const char *path);

// Calls `visit` with each name in a directory but "." and "..", in no order; 0.
int ind_list_at(int directory, const char *path, void *context, void (*visit)(void *context, const char *name));

void ind_close(int file);

// Nanoseconds. Wall time is since the Unix epoch; the others are since a moment that nobody should rely on.
uint64_t ind_wall_ns(void);
uint64_t ind_monotonic_ns(void);
uint64_t ind_thread_cpu_ns(void);
uint64_t ind_process_cpu_ns(void);

// What `error` means, in English, in at most `capacity` bytes with the final NUL.
void ind_error_text(int error, char *text, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
