// SPDX-License-Identifier: Apache-2.0
// Scatter and gather, with every kind of bad vector.
#include "guest.h"

static struct iovec_t many[1100];

static void good(i64 fd) {
    char a[4], b[6], c[16];
    struct iovec_t out[3] = {{"one ", 4}, {0, 0}, {"two three", 9}};
    show("writev", sys_writev(fd, out, 3));
    struct iovec_t in[3] = {{a, 4}, {b, 6}, {c, 16}};
    show("lseek", sys_lseek(fd, 0, 0));
    show("readv", sys_readv(fd, in, 3));
    show_bytes("  first", a, 4);
    show_bytes("  second", b, 6);
    show_bytes("  third", c, 3);
    show("preadv", sys_preadv(fd, in, 2, 4, 0));
    show_bytes("  first", a, 4);
    show("preadv high word ignored", sys_preadv(fd, in, 1, 0, 7));
    show("pwritev", sys_pwritev(fd, out, 1, 2, 0));
    show("preadv2", sys_preadv2(fd, in, 1, 0, 0, 0));
    show_bytes("  first", a, 4);
    show("preadv2 at position", sys_preadv2(fd, in, 1, -1, 0, 0));
    show("preadv2 bad flags", sys_preadv2(fd, in, 1, 0, 0, 0x4000));
    show("pwritev2", sys_pwritev2(fd, out, 3, 0, 0, 2));
    show("preadv negative", sys_preadv(fd, in, 1, -5, 0));
    for (int i = 0; i < 1100; ++i) many[i] = (struct iovec_t){"x", 1};
    show("writev 1024", sys_writev(fd, many, 1024));
    show("writev none", sys_writev(fd, many, 0));
}

static void bad(i64 fd) {
    char a[4];
    struct iovec_t v[2] = {{a, 4}, {(void *)(usize)0x7F000000, 4}};
    show("writev 1025", sys_writev(fd, many, 1025));
    show("writev -1", sys_writev(fd, many, -1));
    show("readv null vector", sys_readv(fd, 0, 1));
    show("writev null vector", sys_writev(fd, 0, 2));
    show("readv none of null", sys_readv(fd, 0, 0));
    show("bad fd before vector", sys_readv(-1, 0, 1));
    show("bad fd before count", sys_writev(-1, many, 2000));
    show("vector outside", sys_writev(fd, (void *)(usize)0x7F000000, 1));
    show("partly outside", sys_writev(fd, v, 2));
    v[0].base = 0;
    show("null base", sys_writev(fd, v, 1));
    v[0].length = 0;
    show("null base, no bytes", sys_writev(fd, v, 1));
    v[0] = (struct iovec_t){a, (usize)-1};
    show("negative length, readv", sys_readv(fd, v, 1));
    show("negative length, preadv", sys_preadv(fd, v, 1, 0, 0));
    show("negative length, preadv2", sys_preadv2(fd, v, 1, 0, 0, 0));
    show("negative length, writev", sys_writev(fd, v, 1));
    show("negative length, pwritev", sys_pwritev(fd, v, 1, 0, 0));
    v[0].length = 0;
    v[1] = (struct iovec_t){a, (usize)1 << (8 * sizeof(usize) - 1)};
    show("most negative length, second", sys_writev(fd, v, 2));
    v[0] = (struct iovec_t){0, 0};
    show("pipe both ways", sys_preadv(0, v, 1, 0, 0));
}

// The memory of a process as another would see it; only one's own can be.
static void own_memory(void) {
    char from[8] = "abcdefg", to[8] = {0};
    struct iovec_t local[2] = {{to, 3}, {to + 3, 4}}, remote[2] = {{from, 5}, {from + 5, 3}};
    i32 self = (i32)sys_getpid();
    show("process_vm_readv", sys_process_vm_readv(self, local, 2, remote, 2, 0));
    show_bytes("  read", to, 8);
    remote[1].base = (void *)(usize)0x7F000000;
    show("  as far as it goes", sys_process_vm_readv(self, local, 2, remote, 2, 0));
    local[0].base = "written";
    show("process_vm_writev", sys_process_vm_writev(self, local, 1, remote, 1, 0));
    show_bytes("  written", from, 8);
    show("  from nowhere", sys_process_vm_writev(self, remote + 1, 1, remote, 1, 0));
    show("  flags", sys_process_vm_writev(self, local, 1, remote, 1, 1));
    show("  nobody's", sys_process_vm_readv(0x7FFFFFFF, local, 2, remote, 2, 0));
    show("  none of null", sys_process_vm_readv(self, local, 2, 0, 0, 0));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    i64 fd = sys_open("f", O_CREAT | O_RDWR, 0644);
    good(fd);
    bad(fd);
    i32 p[2];
    sys_pipe(p);
    struct iovec_t v = {"spliced", 7};
    show("vmsplice", sys_vmsplice(p[1], &v, 1, 0));
    show("vmsplice bad", sys_vmsplice(fd, &v, 1, 0));
    show("preadv of pipe", sys_preadv(p[0], &v, 1, 0, 0));
    own_memory();
    return 0;
}
