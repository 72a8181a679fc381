/* SPDX-License-Identifier: Apache-2.0
 * <ulimit.h> makes a long of the second argument. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <ulimit.h>
#include <unistd.h>

enum { BLOCK = 512, GET_OPEN_MAX = 4 };

static long set_file_size(long blocks) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    if ((rlim_t)blocks < RLIM_INFINITY / BLOCK) limit.rlim_cur = limit.rlim_max = (rlim_t)blocks * BLOCK;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? blocks : -1;
}

long(ulimit)(int command, ...) {
    struct rlimit limit;
    va_list arguments;
    long blocks;
    switch (command) {
        case UL_GETFSIZE:
            if (getrlimit(RLIMIT_FSIZE, &limit)) return -1;
            return limit.rlim_cur == RLIM_INFINITY ? LONG_MAX : (long)(limit.rlim_cur / BLOCK);
        case UL_SETFSIZE:
            va_start(arguments, command);
            blocks = va_arg(arguments, long);
            va_end(arguments);
            return set_file_size(blocks);
        case GET_OPEN_MAX: return sysconf(_SC_OPEN_MAX);
    }
    errno = EINVAL;
    return -1;
}
