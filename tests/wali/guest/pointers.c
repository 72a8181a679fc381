// SPDX-License-Identifier: Apache-2.0
// Addresses that no program has: the kernel's own answer, and nothing else, must come back.
#include "guest.h"

#define NOWHERE ((void *)(usize)0x7FFFF000)  // unmapped natively, beyond the end of a small wasm memory

static void each(void *bad) {
    char b[8];
    i64 fd = sys_open("f", O_CREAT | O_RDWR, 0600);
    sys_write(fd, "12345678", 8);
    sys_lseek(fd, 0, 0);
    show("read", sys_read(fd, bad, 4));
    show("read nothing", sys_read(fd, bad, 0));
    show("write", sys_write(fd, bad, 4));
    show("write nothing", sys_write(fd, bad, 0));
    show("read bad fd", sys_read(-1, bad, 4));
    show("open", sys_open(bad, O_RDONLY, 0));
    show("stat", sys_stat(bad, b));
    show("stat into", sys_stat("f", bad));
    show("fstat", sys_fstat(fd, bad));
    show("readlink", sys_readlink(bad, b, 8));
    show("rename", sys_rename("f", bad));
    show("getcwd", sys_getcwd(bad, 100));
    show("pipe", sys_pipe(bad));
    show("poll", sys_poll(bad, 1, 0));
    struct timeval_t none = {0, 0};
    show("select", sys_select(8, bad, 0, 0, &none));
    show("readv", sys_readv(fd, bad, 1));
    show("nanosleep", sys_nanosleep(bad, 0));
    show("clock_gettime", sys_clock_gettime(0, bad));
    show("uname", sys_uname(bad));
    show("sysinfo", sys_sysinfo(bad));
    show("getrlimit", sys_getrlimit(7, bad));
    show("statfs", sys_statfs(".", bad));
    show("getrandom", sys_getrandom(bad, 4, 0));
    show("getdents64", sys_getdents64(sys_open(".", O_DIRECTORY, 0), bad, 100));
    show("ioctl", sys_ioctl(sys_open("/dev/ptmx", O_RDWR | 0400, 0), 0x5401, bad));
    show("fcntl", sys_fcntl(fd, 5, (usize)bad));
    show("prctl", sys_prctl(16, (usize)bad, 0, 0, 0));
    show("sendmsg", sys_sendmsg(sys_socket(1, 2, 0), bad, 0));
    show("epoll_ctl", sys_epoll_ctl(sys_epoll_create1(0), 1, 0, bad));
    show("utimensat", bad ? sys_utimensat(AT_FDCWD, "f", bad, 0) : 0);
    show("getgroups", sys_getgroups(64, bad));
    show("sched_getaffinity", sys_sched_getaffinity(0, 128, bad));
}

// Strings that do not end where they should.
static void endless(void) {
    static char name[8192];
    for (usize i = 0; i < sizeof name; ++i) name[i] = 'n';
    show("longer than any path", sys_open(name, O_RDONLY, 0));
    name[4095] = 0;
    show("longest path", sys_open(name, O_RDONLY, 0));
    name[4095] = 'n', name[4096] = 0;
    show("too long by one", sys_open(name, O_RDONLY, 0));
    // Up to the end of what is readable, with and without an end.
    char *pages = (char *)(usize)sys_mmap(0, 8192, 3, 0x22, -1, 0);
    sys_mprotect(pages + 4096, 4096, 0);
    memcpy(pages + 4090, "fffff", 6);
    show("ends in time", sys_stat(pages + 4090, name));
    pages[4095] = 'f';
    show("does not end", sys_stat(pages + 4090, name));
    show("link target does not end", sys_symlink(pages + 4000, "link"));
    show("read into what is left", sys_getrandom(pages + 4090, 100, 0));
    show("write what is left", sys_write(sys_open("g", O_CREAT | O_RDWR, 0600), pages + 4000, 200));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    each(0);
    each(NOWHERE);
    endless();
    return 0;
}
