/* A machine whose disk and clock do what a drill asks: put before libc by LD_PRELOAD.

   MACHINE_CONTROL names 64 bytes that driver and process share (`machine.py` has the
   same fields); MACHINE_FOLDER the folder whose files it is about; MACHINE_TRACE, if
   set, the file that gets everything that reaches the disk, in its order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t real_seconds, boot_seconds;
    uint32_t calls, fail_from, fail_to, fault, unsynchronised;
};
struct __attribute__((packed)) head {
    char what;
    uint16_t name;
    uint64_t offset;
    uint32_t size;
};

#define FILES 65536
#define NEXT(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))
/* Done and said, but it never reached the disk: what a control does. */
#define SWALLOW 9999

static struct control *control;
static const char *folder;
static int trace = -1;
static char *names[FILES];
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("MACHINE_CONTROL"), *to = getenv("MACHINE_TRACE");
    folder = getenv("MACHINE_FOLDER");
    int file = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *found = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        control = found == MAP_FAILED ? NULL : found;
        syscall(SYS_close, file);
    }
    if (to)
        trace = syscall(SYS_openat, AT_FDCWD, to,
                        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int is_ours(const char *path) {
    size_t n;
    if (!folder || !path || strncmp(path, folder, strlen(folder)))
        return 0;
    n = strlen(path);
    /* What all share in memory; no start reads it after a power cut. */
    return n < 4 || strcmp(path + n - 4, "-shm");
}

static const char *name_of(int file) {
    return file >= 0 && file < FILES ? names[file] : NULL;
}

static void told(char what, const char *name, uint64_t offset, const void *data,
                 uint32_t size) {
    struct head head = {what, strlen(name), offset, size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)name, head.name},
                            {(void *)data, size}};
    if (trace >= 0)
        syscall(SYS_writev, trace, parts, 3);
}

/* Count a call that changes the disk; return the fault that is asked for, or 0. */
static int fault_of(int file) {
    uint32_t call;
    if (!control || !name_of(file))
        return 0;
    call = __atomic_add_fetch(&control->calls, 1, __ATOMIC_SEQ_CST);
    if (!control->fail_from || call < control->fail_from || call > control->fail_to)
        return 0;
    return control->fault;
}

#define FAULT(file, done)                                                          \
    switch (fault_of(file)) {                                                      \
    case 0: break;                                                                 \
    case SWALLOW: return done;                                                     \
    default: errno = control->fault; return -1;                                    \
    }

static int opened(int file, const char *path, int flags, int is_new) {
    if (file < 0 || file >= FILES)
        return file;
    free(names[file]);
    names[file] = is_ours(path) ? strdup(path) : NULL;
    if (names[file] && is_new)
        told('C', path, 0, NULL, 0);
    else if (names[file] && flags & O_TRUNC)
        told('T', path, 0, NULL, 0);
    return file;
}

static int opening(int at, const char *path, int flags, mode_t mode) {
    int is_new = is_ours(path) && flags & O_CREAT && access(path, F_OK), file;
    pthread_mutex_lock(&order);
    file = opened(syscall(SYS_openat, at, path, flags, mode), path, flags, is_new);
    pthread_mutex_unlock(&order);
    return file;
}

#define MODE(last)                                                                 \
    va_list more;                                                                  \
    mode_t mode = 0;                                                               \
    va_start(more, last);                                                          \
    if (flags & (O_CREAT | O_TMPFILE))                                             \
        mode = va_arg(more, mode_t);                                               \
    va_end(more);

int open(const char *path, int flags, ...) {
    MODE(flags) return opening(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE(flags) return opening(AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...) {
    MODE(flags) return opening(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
    MODE(flags) return opening(at, path, flags, mode);
}

int close(int file) {
    if (name_of(file)) {
        free(names[file]);
        names[file] = NULL;
    }
    return syscall(SYS_close, file);
}

ssize_t write(int file, const void *data, size_t size) {
    ssize_t done;
    if (!name_of(file))
        return syscall(SYS_write, file, data, size);
    FAULT(file, (ssize_t)size)
    pthread_mutex_lock(&order);
    done = syscall(SYS_write, file, data, size);
    if (done > 0)
        told('W', names[file], syscall(SYS_lseek, file, 0, SEEK_CUR) - done, data, done);
    pthread_mutex_unlock(&order);
    return done;
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) {
    ssize_t done;
    if (!name_of(file))
        return syscall(SYS_pwrite64, file, data, size, offset);
    FAULT(file, (ssize_t)size)
    pthread_mutex_lock(&order);
    done = syscall(SYS_pwrite64, file, data, size, offset);
    if (done > 0)
        told('W', names[file], offset, data, done);
    pthread_mutex_unlock(&order);
    return done;
}
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) {
    return pwrite64(file, data, size, offset);
}

int ftruncate64(int file, off64_t size) {
    int done;
    FAULT(file, 0)
    pthread_mutex_lock(&order);
    done = syscall(SYS_ftruncate, file, size);
    if (!done && name_of(file))
        told('T', names[file], size, NULL, 0);
    pthread_mutex_unlock(&order);
    return done;
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

static int synced(int file, int number) {
    int done;
    FAULT(file, 0)
    pthread_mutex_lock(&order);
    done = syscall(number, file);
    if (!done && name_of(file))
        told('S', names[file], 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return done;
}
int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

int unlink(const char *path) {
    int done;
    pthread_mutex_lock(&order);
    done = syscall(SYS_unlink, path);
    if (!done && is_ours(path))
        told('U', path, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return done;
}

int rename(const char *from, const char *to) {
    int done;
    pthread_mutex_lock(&order);
    done = syscall(SYS_rename, from, to);
    if (!done && is_ours(from))
        told('R', from, 0, to, strlen(to));
    pthread_mutex_unlock(&order);
    return done;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    int done;
    if (!next)
        next = NEXT(int, clock_gettime, clockid_t, struct timespec *);
    done = next(clock, now);
    if (!done && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += control->real_seconds;
    if (!done && control && clock == CLOCK_BOOTTIME)
        now->tv_sec += control->boot_seconds;
    return done;
}

time_t time(time_t *told_too) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told_too)
        *told_too = now.tv_sec;
    return now.tv_sec;
}

/* Where the drill runs the kernel may call its clock synchronised, or not. */
int adjtimex(struct timex *asked) {
    memset(asked, 0, sizeof *asked);
    return control && control->unsynchronised ? TIME_ERROR : TIME_OK;
}
