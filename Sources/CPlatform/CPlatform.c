#define _GNU_SOURCE
#include "CPlatform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#ifndef O_DIRECT
#define O_DIRECT 0
#endif

static int restartable(int result) { return result < 0 && errno == EINTR; }

static int base(int directory) { return directory < 0 ? AT_FDCWD : directory; }

static int open_flags(ind_open_mode mode) {
    switch (mode) {
    case IND_OPEN_READ: return O_RDONLY;
    case IND_OPEN_READ_WRITE: return O_RDWR | O_CREAT;
    case IND_OPEN_CREATE_NEW: return O_RDWR | O_CREAT | O_EXCL;
    case IND_OPEN_DIRECT: return O_RDWR | O_CREAT;
    case IND_OPEN_DIRECTORY: return O_RDONLY | O_DIRECTORY;
    }
    return O_RDONLY;
}

static int open_once(int directory, const char *path, int flags) {
    int file;
    do file = openat(base(directory), path, flags | O_CLOEXEC, 0640);
    while (restartable(file));
    return file < 0 ? -errno : file;
}

int ind_open_at(int directory, const char *path, ind_open_mode mode) {
    int flags = open_flags(mode);
    if (mode != IND_OPEN_DIRECT) return open_once(directory, path, flags);
    int file = open_once(directory, path, flags | O_DIRECT);
    if (file != -EINVAL) return file;
    file = open_once(directory, path, flags);
    // After a failed sync the page cache may hold bytes that the disk does not: whoever opens anew must not see them.
    if (file >= 0) (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    return file;
}

// Some file systems accept O_DIRECT at open and refuse it at the first transfer.
static int drop_direct(int file) {
    int flags = fcntl(file, F_GETFL);
    if (flags < 0 || O_DIRECT == 0 || (flags & O_DIRECT) == 0) return 0;
    return fcntl(file, F_SETFL, flags & ~O_DIRECT) == 0;
}

int64_t ind_read_at(int file, void *bytes, size_t count, uint64_t offset) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = pread(file, (char *)bytes + done, count - done, (off_t)(offset + done));
        if (got > 0) {
            done += (size_t)got;
        } else if (got == 0) {
            break;
        } else if (errno == EINVAL && drop_direct(file)) {
            continue;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return (int64_t)done;
}

int ind_write_at(int file, const void *bytes, size_t count, uint64_t offset) {
    size_t done = 0;
    while (done < count) {
        ssize_t put = pwrite(file, (const char *)bytes + done, count - done, (off_t)(offset + done));
        if (put > 0) {
            done += (size_t)put;
        } else if (put == 0) {
            return -EIO;
        } else if (errno == EINVAL && drop_direct(file)) {
            continue;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

// Neither sync is repeated after EINTR or any other error: the kernel may have dropped what it could not write, and a
// second call would then succeed without it.
int ind_sync_bytes(int file) { return fdatasync(file) == 0 ? 0 : -errno; }

int ind_sync_all(int file) { return fsync(file) == 0 ? 0 : -errno; }

int64_t ind_size(int file) {
    struct stat status;
    return fstat(file, &status) == 0 ? (int64_t)status.st_size : -errno;
}

int ind_allocate(int file, uint64_t count) {
    int result;
    do result = count == 0 ? 0 : posix_fallocate(file, 0, (off_t)count);
    while (result == EINTR);
    // Not every file system can reserve; then a full disk shows at the writes, which are checked too.
    if (result != 0 && result != EOPNOTSUPP && result != EINVAL) return -result;
    return ind_truncate(file, count);
}

int ind_truncate(int file, uint64_t count) {
    int result;
    do result = ftruncate(file, (off_t)count);
    while (restartable(result));
    return result == 0 ? 0 : -errno;
}

int ind_lock(int file) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int result;
    do result = fcntl(file, F_OFD_SETLK, &lock);
    while (restartable(result));
    if (result == 0) return 0;
    return errno == EACCES ? -EAGAIN : -errno;
}

int ind_space(int file, uint64_t *free_bytes, uint64_t *total_bytes) {
    struct statvfs status;
    int result;
    do result = fstatvfs(file, &status);
    while (restartable(result));
    if (result != 0) return -errno;
    *free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    *total_bytes = (uint64_t)status.f_blocks * status.f_frsize;
    return 0;
}

int ind_make_directory_at(int directory, const char *path) {
    return mkdirat(base(directory), path, 0750) == 0 ? 0 : -errno;
}

int ind_rename_at(int directory, const char *from, const char *to) {
    return renameat(base(directory), from, base(directory), to) == 0 ? 0 : -errno;
}

int ind_remove_at(int directory, const char *path) {
    return unlinkat(base(directory), path, 0) == 0 ? 0 : -errno;
}

int ind_mode_at(int directory, const char *path, unsigned mode) {
    return fchmodat(base(directory), path, mode, 0) == 0 ? 0 : -errno;
}

int ind_exists_at(int directory, const char *path) {
    struct stat status;
    if (fstatat(base(directory), path, &status, 0) == 0) return 1;
    return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

int ind_list_at(int directory, const char *path, void *context, void (*visit)(void *context, const char *name)) {
    int file = open_once(directory, path, O_RDONLY | O_DIRECTORY);
    if (file < 0) return file;
    DIR *stream = fdopendir(file);
    if (stream == NULL) {
        int error = errno;
        close(file);
        return -error;
    }
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) visit(context, entry->d_name);
        errno = 0;
    }
    int error = errno;
    closedir(stream);
    return -error;
}

void ind_close(int file) { (void)close(file); }

static uint64_t read_clock(clockid_t clock) {
    struct timespec time = {0};
    (void)clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t ind_wall_ns(void) { return read_clock(CLOCK_REALTIME); }
uint64_t ind_monotonic_ns(void) { return read_clock(CLOCK_MONOTONIC); }
uint64_t ind_thread_cpu_ns(void) { return read_clock(CLOCK_THREAD_CPUTIME_ID); }
uint64_t ind_process_cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

void ind_error_text(int error, char *text, size_t capacity) {
    if (capacity == 0) return;
    const char *message = strerror_r(error, text, capacity);
    if (message != text) (void)snprintf(text, capacity, "%s", message);
}
