// SPDX-License-Identifier: Apache-2.0
// The runtime's own descriptors. One is known to be there: the file of the environment, whose number its path tells.
#include "attack.h"

static char path[1000], before[4096], after[4096];
static i32 own;
static i64 length_before;

static i64 read_environment(char* to) {
    i64 fd = sys_open(path, O_RDONLY, 0);
    if (fd < 0) return fd;
    i64 n = sys_read(fd, to, 4096);
    sys_close(fd);
    return n;
}
// Whether the guest still finds its environment, asking anew where: what it overwrites has moved.
static int harmed(void) {
    for (i32 fd = 3; fd < 20; ++fd) sys_close(fd);  // room to look
    if (!wali_envfile(path, sizeof path)) return REACHED;
    if (read_environment(after) != length_before) return REACHED;
    for (i64 i = 0; i < length_before; ++i) {
        if (before[i] != after[i]) return REACHED;
    }
    return CONTAINED;
}
static int worked(i64 result) {
    return result >= 0 || harmed() == REACHED ? REACHED : CONTAINED;
}

static int close_it(void) {
    return worked(sys_close(own));
}
static int close_all(void) {
    for (i32 fd = 3; fd < 65536; ++fd) sys_close(fd);
    return harmed();
}
static int close_range_all(void) {
    sys_close_range(3, -1, 0);
    return harmed();
}
static i32 other(void) {
    i32 fd = (i32)sys_open("other", O_CREAT | O_RDWR, 0600);
    sys_write(fd, "INJECTED=1\n", 11);
    return fd;
}
static int dup2_over_it(void) {
    sys_dup2(other(), own);
    return harmed();
}
static int dup3_over_all(void) {
    i32 from = other();
    for (i32 fd = 3; fd < 65536; ++fd) {
        if (fd != from) sys_dup3(from, fd, 0);
    }
    return harmed();
}
static int dup_it(void) {
    return worked(sys_dup(own));
}
static int dup_by_fcntl(void) {
    return worked(sys_fcntl(own, 0, 0));
}
static int keep_over_exec(void) {
    return worked(sys_fcntl(own, 2, 0));
}
static int read_it(void) {
    char byte;
    return sys_pread64(own, &byte, 1, 0) == 1 ? REACHED : CONTAINED;
}
static int truncate_it(void) {
    sys_ftruncate(own, 0);
    return harmed();
}
static int write_it(void) {
    sys_pwrite64(own, "X", 1, 0);
    return harmed();
}
static int map_it(void) {
    return worked(sys_mmap(0, 4096, 1, 1, own, 0));
}
static int send_file(void) {
    i32 ends[2];
    i64 from = 0;
    sys_pipe2(ends, O_NONBLOCK);
    return worked(sys_sendfile(ends[1], own, &from, 1));
}
static int chmod_it(void) {
    return worked(sys_fchmod(own, 0777));
}
static int through_proc(void) {  // by its path it may be read, as the C library does, but not changed
    i64 fd = sys_open(path, O_RDWR, 0);
    sys_pwrite64(fd, "X", 1, 0);
    sys_ftruncate(fd, 0);
    return harmed();
}
static int clone_it(void) {
    struct {
        i64 fd;
        u64 offset, bytes, to;
    } range = {own, 0, 0, 0};
    return sys_ioctl(other(), 0x4020940D, &range) == -9 ? CONTAINED : REACHED;  // EBADF, before the files are looked at
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
struct rights {
    u32 bytes, pad;
    i32 level, type, fd, pad2;
};
static struct rights rights;
static volatile u32 stop;
static i32 harmless;

static i64 send_rights(i32 socket, u32 control) {
    static char byte;
    struct vector v = {(u32)(usize)&byte, 1};
    struct message m = {.vectors = (u32)(usize)&v, .count = 1, .control = control, .control_bytes = sizeof rights};
    return sys_sendmsg(socket, &m, 0x40);
}
static int send_it(void) {
    i32 ends[2];
    sys_socketpair(1, 2, 0, ends);
    rights = (struct rights){20, 0, 1, 1, own, 0};
    return worked(send_rights(ends[1], (u32)(usize)&rights));
}
static void flip(int tid, void* argument) {
    (void)tid, (void)argument;
    while (!stop) {
        __atomic_store_n(&rights.fd, own, 5);
        __atomic_store_n(&rights.fd, harmless, 5);
    }
}
// The descriptor that is sent changes between the look at it and the sending.
static int send_while_flipping(void) {
    static struct thread_t flipper;
    i32 ends[2];
    int got_own = 0;
    sys_socketpair(1, 2 | O_NONBLOCK, 0, ends);
    harmless = (i32)sys_open("/", O_PATH, 0);
    rights = (struct rights){20, 0, 1, 1, harmless, 0};
    start(&flipper, flip, 0);
    for (int i = 0; i < 20000 && !got_own; ++i) {
        if (i % 100 == 0) sys_sched_yield();  // with one processor, the other thread has its turns here
        if (send_rights(ends[1], (u32)(usize)&rights) != 1) continue;
        struct rights in = {0};
        char byte;
        struct vector v = {(u32)(usize)&byte, 1};
        struct message m = {
            .vectors = (u32)(usize)&v, .count = 1, .control = (u32)(usize)&in, .control_bytes = sizeof in};
        if (sys_recvmsg(ends[0], &m, 0) != 1) continue;
        got_own = (sys_fcntl(in.fd, 3, 0) & O_PATH) == 0;
        sys_close(in.fd);
    }
    stop = 1;
    return got_own ? REACHED : CONTAINED;
}

static const struct attack attacks[] = {
    {"close", close_it, 0},
    {"close all", close_all, 0},
    {"close_range", close_range_all, 0},
    {"dup2 over it", dup2_over_it, 0},
    {"dup3 over all", dup3_over_all, 0},
    {"dup", dup_it, 0},
    {"F_DUPFD", dup_by_fcntl, 0},
    {"F_SETFD", keep_over_exec, 0},
    {"read", read_it, 0},
    {"truncate", truncate_it, 0},
    {"write", write_it, 0},
    {"mmap", map_it, 0},
    {"sendfile", send_file, 0},
    {"fchmod", chmod_it, 0},
    {"write through /proc", through_proc, 0},
    {"FICLONERANGE", clone_it, 0},
    {"SCM_RIGHTS", send_it, 0},
    {"SCM_RIGHTS while flipping", send_while_flipping, 0},
};

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    wali_envfile(path, sizeof path);
    for (const char* p = path + length("/proc/self/fd/"); *p; ++p) own = own * 10 + (*p - '0');
    length_before = read_environment(before);
    show("environment found", own > 2 && length_before > 10);
    RUN(attacks);
    return 0;
}
