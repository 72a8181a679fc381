// SPDX-License-Identifier: Apache-2.0
// Buffers that begin inside of the guest's memory and end outside, for a runtime without a reservation around it: there
// the kernel finds no wall behind the memory, so what is passed to it has to be checked first. The memory has its full
// size from the beginning, so that whatever lies behind it is the host's.
#include "attack.h"
#include "flips.h"

#define END ((u32)__builtin_wasm_memory_size(0) << 16)
enum { LAST = 8, MUCH = 4096 };

static i32 ends[2];
static void make_pipe(void) {
    sys_pipe2(ends, O_NONBLOCK);
}
static void make_sockets(void) {
    sys_socketpair(1, 2 | O_NONBLOCK, 0, ends);
}
static int took_more(i64 n) {
    return n > LAST ? REACHED : CONTAINED;
}

struct vector {
    u32 base, bytes;
};
struct message {
    u32 name, name_bytes, vectors;
    i32 count;
    u32 pad, control, control_bytes, pad2;
    i32 flags;
};

static int by_write(void) {
    make_pipe();
    return took_more(sys_write(ends[1], END - LAST, MUCH));
}
static int by_writev(void) {
    struct vector v = {END - LAST, MUCH};
    make_pipe();
    return took_more(sys_writev(ends[1], &v, 1));
}
static int by_read(void) {
    static u8 zeros[MUCH];
    make_pipe();
    sys_write(ends[1], zeros, MUCH);
    return took_more(sys_read(ends[0], END - LAST, MUCH));
}
static int by_readv(void) {
    static u8 zeros[MUCH];
    struct vector v = {END - LAST, MUCH};
    make_pipe();
    sys_write(ends[1], zeros, MUCH);
    return took_more(sys_readv(ends[0], &v, 1));
}
static int by_stat(void) {
    return sys_stat("/", END - LAST) == 0 ? REACHED : CONTAINED;
}
static int by_statx(void) {
    return sys_statx(-100, "/", 0, 0x7FF, END - LAST) == 0 ? REACHED : CONTAINED;
}
static int by_uname(void) {
    return sys_uname(END - LAST) == 0 ? REACHED : CONTAINED;
}
static int by_getrandom(void) {
    return took_more(sys_getrandom(END - LAST, 256, 0));
}
static int by_sendto(void) {
    make_sockets();
    return took_more(sys_sendto(ends[1], END - LAST, 256, 0, 0, 0));
}
static int by_sendmsg(void) {
    struct vector v = {END - LAST, 256};
    struct message m = {.vectors = (u32)(usize)&v, .count = 1};
    make_sockets();
    return took_more(sys_sendmsg(ends[1], &m, 0));
}
static int by_setxattr(void) {
    sys_close(sys_open("file", O_CREAT | O_RDWR, 0600));
    return sys_setxattr("file", "user.test", END - LAST, 256, 0) == 0 ? REACHED : CONTAINED;
}
static int by_getitimer(void) {
    return sys_getitimer(0, END - LAST) == 0 ? REACHED : CONTAINED;
}
static int by_ioctl(void) {
    i64 terminal = sys_open("/dev/ptmx", O_RDWR, 0);
    return sys_ioctl(terminal, 0x5401, END - LAST) == 0 ? REACHED : CONTAINED;
}
static int by_fcntl(void) {
    i64 fd = sys_open("file", O_CREAT | O_RDWR, 0600);
    *(u64*)(usize)(END - LAST) = 0;
    return sys_fcntl(fd, 5, END - LAST) == 0 ? REACHED : CONTAINED;
}

static const struct attack attacks[] = {
    {"write", by_write, 0},       {"writev", by_writev, 0},       {"readv", by_readv, 0},   {"stat", by_stat, 0},
    {"statx", by_statx, 0},       {"uname", by_uname, 0},         {"sendto", by_sendto, 0}, {"sendmsg", by_sendmsg, 0},
    {"setxattr", by_setxattr, 0}, {"getitimer", by_getitimer, 0}, {"ioctl", by_ioctl, 0},   {"fcntl", by_fcntl, 0},
};

// Cut off at the end, as the kernel stops where pages end.
static const struct attack others[] = {
    {"read", by_read, 0},
    {"getrandom", by_getrandom, 0},
    {"structures while flipping", structures_while_flipping, 0},
};

int guest_main(int argc, char** argv) {
    (void)argv;
    RUN(attacks);
    if (argc == 1) RUN(others);
    return 0;
}
