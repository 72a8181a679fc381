// SPDX-License-Identifier: Apache-2.0
// The runtime's own descriptors. One is known to be there: the folder of a process with several threads through which
// the runtime opens what it has found. Whoever replaces it decides what is opened.
#include "attack.h"

static i32 own;

// Whether the folder is where it was.
static int harmed(void) {
    return own_descriptor() == own ? CONTAINED : REACHED;
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
    return (i32)sys_open("/", O_PATH, 0);
}
// Its number may be one that only a higher limit lets the guest have.
static void raise_limit(void) {
    u64 limit[2];
    sys_getrlimit(7, limit);
    limit[0] = limit[1];
    sys_setrlimit(7, limit);
}
static int dup2_over_it(void) {
    raise_limit();
    sys_dup2(other(), own);
    return harmed();
}
static int dup3_over_all(void) {
    i32 from = other();
    raise_limit();
    for (i32 fd = 3; fd < 65536; ++fd) {
        if (fd != from) sys_dup3(from, fd, 0);
    }
    for (i32 fd = 3; fd < 65536; ++fd) sys_close(fd);
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
static int look_at_it(void) {
    struct stat_t status;
    return worked(sys_fstat(own, &status));
}
static int go_there(void) {
    return worked(sys_fchdir(own));
}
static int open_in_it(void) {
    return worked(sys_openat(own, "0", O_PATH | O_NOFOLLOW, 0));
}
static i32 harmless;
static int is_own_folder(i32 fd) {
    struct stat_t it, harmless_one;
    return sys_fstat(fd, &it) == 0 && sys_fstat(harmless, &harmless_one) == 0 && it.ino != harmless_one.ino;
}
// A thread that has a table of its own keeps the descriptor there when another one displaces it, so that the runtime
// knows it by a new number: the old one is the guest's then.
static volatile u32 step;
static volatile int taken;
static void part(int tid, void* argument) {
    i64 (*divide)(void) = (i64(*)(void))argument;
    (void)tid;
    step = divide() == 0 ? 1 : 9;
    if (step == 9) return;
    while (step == 1) sys_sched_yield();
    taken = is_own_folder(own) && sys_dup(own) >= 0;
    step = 3;
}
static i64 by_close_range(void) { return sys_close_range(2000, 2100, 2); }
static i64 by_unshare(void) { return sys_unshare(0x400); }
static int in_another_table(i64 (*divide)(void)) {
    static struct thread_t thread;
    raise_limit();
    harmless = other();
    start(&thread, part, (void*)divide);
    while (step == 0) sys_sched_yield();
    if (step == 9) return CONTAINED;
    sys_dup2(harmless, own);
    step = 2;
    while (step == 2) sys_sched_yield();
    return taken ? REACHED : CONTAINED;
}
static int displaced_after_close_range(void) { return in_another_table(by_close_range); }
static int displaced_after_unshare(void) { return in_another_table(by_unshare); }

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
    harmless = other();
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
        got_own = is_own_folder(in.fd);
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
    {"fstat", look_at_it, 0},
    {"fchdir", go_there, 0},
    {"openat", open_in_it, 0},
    {"displaced after close_range", displaced_after_close_range, 0},
    {"displaced after unshare", displaced_after_unshare, 0},
    {"SCM_RIGHTS", send_it, 0},
    {"SCM_RIGHTS while flipping", send_while_flipping, 0},
};

// Each attack runs in a child, which has such a folder as soon as it has two threads.
static int find_own(void) {
    own = own_descriptor();
    return own > 2;
}
static int (*chosen)(void);
static int with_own(void) {
    return find_own() ? chosen() : NOT_HERE;
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    for (usize n = 0; n < sizeof attacks / sizeof *attacks; ++n) {
        const struct attack one = {attacks[n].name, with_own, 0};
        chosen = attacks[n].run;
        run_attack(&one);
    }
    return 0;
}
