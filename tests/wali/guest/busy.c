// SPDX-License-Identifier: Apache-2.0
// Programs that do not end by themselves. The argument says what they are busy with; "ready" says that they are.
// ../ends.py ends them.
#include "guest.h"
#include "guest_jump.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { MANY = 100 };

static volatile u32 gate, begun;
static i32 nobody_writes[2];

static void ready(void) {
    print("ready\n");
    out_flush();
}
static void spin(void) {
    for (volatile u32 n = 0;; ++n) {
    }
}
static void spin_ready(void) {
    ready();
    spin();
}
static void in_read(void) {
    char byte;
    ready();
    sys_read(nobody_writes[0], &byte, 1);
}
static void in_futex(void) {
    ready();
    sys_futex(&gate, FUTEX_WAIT, 0, 0, 0, 0);
}
static void in_atomic(void) {
    ready();
#ifdef __wasm__
    __builtin_wasm_memory_atomic_wait32((int*)&gate, 0, -1);
#else
    sys_futex(&gate, FUTEX_WAIT, 0, 0, 0, 0);
#endif
}
static void spin_in_handler(int signal) {
    (void)signal;
    spin_ready();
}
static void in_handler(void) {
    set_handler(SIGUSR1, spin_in_handler, 0, 0);
    raise_signal(SIGUSR1);
}
static void in_calls(void) {
    ready();
    for (;;) sys_getppid();
}
static void in_bulk(void) {
    u8* area = (u8*)(usize)sys_mmap(0, 64 << 20, 3, 0x22, -1, 0);
    ready();
    for (;;) __builtin_memset(area, 1, 64 << 20);
}
static void do_nothing(int signal) { (void)signal; }
static void in_faults(void) {
    set_handler(SIGSEGV, do_nothing, 0, 0);
    volatile u8* area = (volatile u8*)(usize)sys_mmap(0, 4096, 1, 0x22, -1, 0);
    ready();
    *area = 1;
}
static jump_t back;
static void in_jumps(void) {
    ready();
    volatile u32 n = 0;
    (void)set_jump_mask(&back, 1);
    ++n;
    jump(&back, 1);
}
static void in_signals(void) {
    struct timeval_t often[2] = {{0, 100}, {0, 100}};
    set_handler(SIGALRM, do_nothing, 0, 0);
    sys_setitimer(0, often, 0);
    ready();
    for (;;) raise_signal(SIGALRM);
}
static void blocked(void) {
    change_mask(SIG_BLOCK, ~0ULL);
    spin_ready();
}
static void tree(void) {
    u32* shared = (u32*)(usize)sys_mmap(0, 4096, 3, 0x21, -1, 0);
    for (int i = 0; i < 3; ++i) sys_fork();
    if (__atomic_add_fetch(shared, 1, 5) == 8) ready();
    spin();
}
static void forks(void) {
    ready();
    for (;;) {
        i32 pid = (i32)sys_fork();
        if (pid == 0) sys_exit_group(0);
        sys_wait4(pid, 0, 0, 0);
    }
}
static void one_of_many(int tid, void* kind) {
    (void)tid;
    char byte;
    __atomic_fetch_add(&begun, 1, 5);
    switch ((usize)kind % 4) {
        case 0: sys_read(nobody_writes[0], &byte, 1); break;
        case 1: sys_futex(&gate, FUTEX_WAIT, 0, 0, 0, 0); break;
        case 2: change_mask(SIG_BLOCK, ~0ULL); break;
        default: break;
    }
    spin();
}
static void threads(void) {
    static struct thread_t all[MANY];
    for (usize i = 0; i < MANY; ++i) start(&all[i], one_of_many, (void*)i);
    while (begun < MANY) sys_sched_yield();
    spin_ready();
}
static void leaderless(void) {
    static struct thread_t other;
    start(&other, one_of_many, (void*)3);
    while (begun < 1) sys_sched_yield();
    ready();
    sys_exit(0);
}

static const struct {
    const char* name;
    void (*run)(void);
} kinds[] = {{"spin", spin_ready},    {"read", in_read},       {"futex", in_futex},       {"atomic", in_atomic},
             {"handler", in_handler}, {"calls", in_calls},     {"bulk", in_bulk},         {"faults", in_faults},
             {"jumps", in_jumps},     {"signals", in_signals}, {"blocked", blocked},      {"tree", tree},
             {"forks", forks},        {"threads", threads},    {"leaderless", leaderless}};

int guest_main(int argc, char** argv) {
    sys_pipe2(nobody_writes, 0);
    for (usize i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
        if (same(argv[argc - 1], kinds[i].name)) kinds[i].run();
    }
    return 99;
}
