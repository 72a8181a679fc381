// SPDX-License-Identifier: Apache-2.0
// Threads that end with lists in hostile places, begin at hostile functions, or unmap what others use.
#include "attack.h"

enum { PAGE = 4096, ANONYMOUS = 0x22 };

struct list_head {
    u32 first, pad;
    i64 offset;
    u32 pending, pad2;
};
static struct list_head head;
static u32 ring[2048];
static u32 lonely[2];

// One thread that registers something and ends.
static struct thread_t thread;
static void (*before_end)(void);
static void ends(int tid, void* argument) {
    (void)tid, (void)argument;
    before_end();
}
static int end_of_thread(void (*prepare)(void)) {
    before_end = prepare;
    start(&thread, ends, 0);
    join(&thread);
    return CONTAINED;
}

static u32 forbidden_page(void) {
    return (u32)sys_mmap(0, PAGE, 0, ANONYMOUS, -1, 0);
}

// A list that never comes back to its head.
static void register_circle(void) {
    lonely[0] = (u32)(usize)&lonely[1];
    lonely[1] = (u32)(usize)&lonely[0];
    head = (struct list_head){(u32)(usize)&lonely[0], 0, 64, 0, 0};
    sys_set_robust_list(&head, 24);
}
static int circular_list(void) {
    return end_of_thread(register_circle);
}
static void register_forbidden_mutex(void) {
    head = (struct list_head){(u32)(usize)&ring[0], 0, (i64)forbidden_page() - (i64)(usize)&ring[0], 0, 0};
    ring[0] = (u32)(usize)&head;
    sys_set_robust_list(&head, 24);
}
static int mutex_on_forbidden_page(void) {
    return end_of_thread(register_forbidden_mutex);
}
static void register_pending(void) {
    head = (struct list_head){(u32)(usize)&head, 0, 0, forbidden_page(), 0};
    sys_set_robust_list(&head, 24);
}
static int pending_on_forbidden_page(void) {
    return end_of_thread(register_pending);
}
static void register_beyond(void) {
    head = (struct list_head){(u32)(usize)&ring[0], 0, (i64)(0x90000000U - (u32)(usize)&ring[0]), 0, 0};
    ring[0] = (u32)(usize)&head;
    sys_set_robust_list(&head, 24);
}
static int mutex_beyond_memory(void) {
    return end_of_thread(register_beyond);
}
static void forbid_tid(void) {
    sys_set_tid_address(forbidden_page());
}
static int tid_on_forbidden_page(void) {
    return end_of_thread(forbid_tid);
}
static void tid_beyond(void) {
    sys_set_tid_address(0xF0000000U);
}
static int tid_beyond_memory(void) {
    return end_of_thread(tid_beyond);
}
static void tid_read_only(void) {
    sys_set_tid_address(sys_mmap(0, PAGE, 1, ANONYMOUS, -1, 0));
}
static int tid_on_constant_page(void) {
    return end_of_thread(tid_read_only);
}

static volatile u32 entered;
static u64 many(MANY_PARAMETERS) {
    entered = 1;
    return 0;
}
static int entry_of_many(void) {
    spawn_import((void (*)(int, struct thread_t*))(void*)many, 0);
    struct timespec_t moment = {0, 100000000};
    sys_nanosleep(&moment, 0);
    return entered ? REACHED : CONTAINED;
}

static const struct attack attacks[] = {
    {"circular list", circular_list, 0},
    {"mutex on a forbidden page", mutex_on_forbidden_page, 0},
    {"pending on a forbidden page", pending_on_forbidden_page, 0},
    {"tid on a forbidden page", tid_on_forbidden_page, 0},
    {"tid on a constant page", tid_on_constant_page, 0},
    {"entry of many parameters", entry_of_many, 1},
};

// No defence that could be taken out stands against these.
static int entry_nowhere(void) {
    spawn_import((void (*)(int, struct thread_t*))0x7FFFFFF0, 0);
    return REACHED;
}
static int entry_null(void) {
    spawn_import(0, 0);
    return REACHED;
}
static int stack_nowhere(void) {
    thread.stack_top = (void*)0x7FFFFFF0;
    spawn_import(thread_entry, &thread);
    struct timespec_t moment = {1, 0};
    sys_nanosleep(&moment, 0);
    return REACHED;
}
// Pages that one thread uses in calls while another takes them away.
static volatile u32 stop;
static u32 area;
static void take_away(int tid, void* argument) {
    (void)tid, (void)argument;
    while (!stop) {
        sys_mmap(area, PAGE, 3, ANONYMOUS | 0x10, -1, 0);
        sys_mprotect(area, PAGE, 0);
        sys_munmap(area, PAGE);
    }
}
static int use_while_taken_away(void) {
    i32 pipe[2];
    sys_pipe2(pipe, O_NONBLOCK);
    area = (u32)sys_mmap(0, PAGE, 3, ANONYMOUS, -1, 0);
    start(&thread, take_away, 0);
    struct stack_t stack;
    for (int i = 0; i < 20000; ++i) {
        sys_rt_sigprocmask(0, area, area + 8, 8);
        sys_writev(pipe[1], area + 16, 4);
        sys_sigaltstack(area + 32, &stack);
        sys_execve("/nonexistent", area + 64, area + 128);
        sys_futex(area, 129, 1, 0, 0, 0);
    }
    stop = 1;
    return CONTAINED;
}
static void leave(int tid, void* argument) {
    (void)tid, (void)argument;
    for (;;) sys_exit(0);
}
// Leader gone, threads ending as others begin, and the last one decides.
static int all_at_once(void) {
    static struct thread_t threads[64];
    for (int i = 0; i < 64; ++i) start(&threads[i], leave, 0);
    sys_exit(0);
    return REACHED;
}
static const struct attack others[] = {
    {"mutex beyond memory", mutex_beyond_memory, 0},
    {"tid beyond memory", tid_beyond_memory, 0},
    {"entry nowhere", entry_nowhere, 1},
    {"entry null", entry_null, 1},
    {"stack nowhere", stack_nowhere, 1},
    {"use while taken away", use_while_taken_away, 0},
    {"all end at once", all_at_once, 0},
};

int guest_main(int argc, char** argv) {
    (void)argv;
    RUN(attacks);
    if (argc == 1) RUN(others);
    return 0;
}
