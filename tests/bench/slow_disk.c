/* A disk that takes 5 ms longer for each fsync: put before libc by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int then(const char *name, int file) {
    struct timespec wait = {0, 5000000};
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    nanosleep(&wait, 0);
    return next(file);
}

int fsync(int file) { return then("fsync", file); }
int fdatasync(int file) { return then("fdatasync", file); }
