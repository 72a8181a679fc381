// SPDX-License-Identifier: Apache-2.0
// Faults of the program's own instructions, and its handlers for them: what they are told, how they go on, and how the
// process ends when there is none, or it is blocked or ignored.
#include "guest.h"
#include "guest_jump.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { PAGE = 4096, FAR = 0x7FFFF000 };

static jump_t back;
static struct info_t seen;
static volatile u32 entered;
static volatile i32 zero, minus_one = -1;
static u8 *volatile closed, *volatile constant, *volatile gone, *volatile short_file;
static void (*volatile nothing)(void);

static void leave(int signal, struct info_t *info, void *context) {
    seen = *info;
    if (!context || signal != info->signal) print("bad arguments\n");
    ++entered;
    jump(&back, signal);
}
static u32 address_seen(void) { return (u32)seen.pid; }  // where it is in a fault

static void read_far(void) { (void)*(volatile u8 *)(usize)FAR; }
static void write_far(void) { *(volatile i64 *)(usize)FAR = 1; }
static void read_closed(void) { (void)*(volatile u8 *)(closed + 5); }
static void write_constant(void) { *(volatile u8 *)(constant + 7) = 1; }
static void read_gone(void) { (void)*(volatile u8 *)gone; }
static void read_past_file(void) { (void)*(volatile u8 *)(short_file + PAGE + 3); }
static void divide(void) { zero = 7 / zero; }
static void remain(void) { zero = 7 % zero; }
static void overflow(void) { zero = (-2147483647 - 1) / minus_one; }
static void trap(void) { __builtin_trap(); }
static void call_nothing(void) { nothing(); }

struct fault_t {
    const char *name;
    void (*make)(void);
    u8 *volatile *base;
    u32 offset;
};
static const struct fault_t faults[] = {
    {"read far away", read_far, 0, FAR},
    {"write far away", write_far, 0, FAR},
    {"read what is closed", read_closed, &closed, 5},
    {"write what is constant", write_constant, &constant, 7},
    {"read what is gone", read_gone, &gone, 0},
    {"read past a file's end", read_past_file, &short_file, PAGE + 3},
    {"divide by zero", divide, 0, 0},
    {"remainder by zero", remain, 0, 0},
    {"overflow", overflow, 0, 0},
    {"trap", trap, 0, 0},
    {"call nothing", call_nothing, 0, 0},
};
enum { FAULTS = sizeof faults / sizeof faults[0] };

static void prepare(void) {
    closed = (u8 *)(usize)sys_mmap(0, PAGE, 0, 0x22, -1, 0);
    constant = (u8 *)(usize)sys_mmap(0, PAGE, 1, 0x22, -1, 0);
    gone = (u8 *)(usize)sys_mmap(0, 3 * PAGE, 3, 0x22, -1, 0) + PAGE;
    sys_munmap(gone, PAGE);
    i32 fd = (i32)sys_open("short", O_RDWR | O_CREAT, 0600);
    sys_ftruncate(fd, 2 * PAGE);
    short_file = (u8 *)(usize)sys_mmap(0, 2 * PAGE, 3, 1, fd, 0);
    short_file[PAGE + 3] = 1;
    sys_ftruncate(fd, PAGE);
    sys_close(fd);
}
static void handle_all(u32 flags) {
    const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (int i = 0; i < 4; ++i) set_info_handler(signals[i], leave, flags, 0);
}

static void each(void) {
    handle_all(0);
    for (int i = 0; i < FAULTS; ++i) {
        const struct fault_t *f = &faults[i];
        int signal = set_jump_mask(&back, 1);
        if (signal == 0) {
            f->make();
            print("no fault\n");
        }
        print(f->name);
        show("", signal);
        show("  code", seen.code);
        u32 expected = (u32)(f->base ? (usize)*f->base : 0) + f->offset;
        if (expected) show("  address", address_seen() == expected);
        show("  mask", (i64)current_mask());
    }
}

// Many, and from some depth: nothing is left behind.
static int deep(int n) {
    volatile u8 keep[32];
    keep[n & 31] = (u8)n;
    if (n == 0) {
        read_far();
        return 0;
    }
    return deep(n - 1) + keep[n & 31];
}
static void many(void) {
    entered = 0;
    for (volatile int i = 0; i < 3000; ++i) {
        if (set_jump_mask(&back, 1) == 0) {
            if (i % 2) deep(40);
            divide();
        }
    }
    show("many", entered);
}

// ---- inside handlers

static volatile int order[8], steps;
static jump_t inner;
static void leave_inner(int signal) {
    order[steps++] = signal;
    jump(&inner, 1);
}
static void fault_inside(int signal) {
    order[steps++] = signal;
    if (set_jump_mask(&inner, 1) == 0) divide();
    order[steps++] = 99;
}
static void nested(void) {
    set_handler(SIGFPE, leave_inner, 0, 0);
    set_handler(SIGUSR1, fault_inside, 0, 0);
    raise_signal(SIGUSR1);
    print("inside a handler");
    for (int i = 0; i < steps; ++i) show("", order[i]);
}
static u8 alternate[16384] __attribute__((aligned(16)));
static volatile int on_alternate;
static void leave_alternate(int signal) {
    volatile u8 here = 0;
    on_alternate = (usize)&here >= (usize)alternate && (usize)&here < (usize)(alternate + sizeof alternate);
    jump(&back, signal);
}
static void on_stack(void) {
    struct stack_t stack = {(usize)alternate, 0, sizeof alternate};
    sys_sigaltstack(&stack, 0);
    set_handler(SIGSEGV, leave_alternate, SA_ONSTACK, 0);
    if (set_jump_mask(&back, 1) == 0) read_far();
    show("on the alternate stack", on_alternate);
}

// ---- in another thread, which has the handler to itself

static jump_t thread_back;
static volatile int handler_tid;
static void leave_thread(int signal) {
    handler_tid = (int)sys_gettid();
    jump(&thread_back, signal);
}
static void fault_in_thread(int tid, void *result) {
    int signal = set_jump_mask(&thread_back, 1);
    if (signal == 0) divide();
    *(int *)result = handler_tid == tid ? signal : -1;
}
static void in_thread(void) {
    static struct thread_t thread;
    static int result;
    set_handler(SIGFPE, leave_thread, 0, 0);
    start(&thread, fault_in_thread, &result);
    join(&thread);
    show("in a thread", result);
}

// ---- ends

static i32 status_of(void (*run)(void)) {
    out_flush();
    i32 status = 0, pid = (i32)sys_fork();
    if (pid == 0) {
        u64 none[2] = {0, 0};
        sys_setrlimit(4, none);  // no core
        sys_close(2);            // nothing on standard error
        run();
        sys_exit_group(99);
    }
    sys_wait4(pid, &status, 0, 0);
    return status & 0xFF7F;
}
static void default_for_all(void) {
    const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (int i = 0; i < 4; ++i) set_handler(signals[i], SIG_DEFAULT, 0, 0);
}
static void end_in_handler(int signal) { sys_exit_group(40 + signal); }
static void exits(void) {
    set_handler(SIGILL, end_in_handler, 0, 0);
    trap();
}
static void ignored(void) {
    set_handler(SIGFPE, SIG_IGNORE, 0, 0);
    divide();
}
static void blocked(void) {
    set_handler(SIGSEGV, end_in_handler, 0, 0);
    change_mask(SIG_BLOCK, signal_bit(SIGSEGV));
    read_far();
}
static void again(int signal) {
    (void)signal;
    divide();
}
static void while_handled(void) {
    set_handler(SIGFPE, again, 0, 0);
    divide();
}
static void only_once(void) {
    set_info_handler(SIGFPE, leave, SA_RESETHAND, 0);
    if (set_jump_mask(&back, 1) == 0) divide();
    divide();
}
static void by_thread(void) {
    static struct thread_t thread;
    static int result;
    start(&thread, fault_in_thread, &result);
    join(&thread);
}
static void ends(void) {
    default_for_all();
    for (int i = 0; i < FAULTS; ++i) show(faults[i].name, status_of(faults[i].make));
    show("exit in the handler", status_of(exits));
    show("ignored", status_of(ignored));
    show("blocked", status_of(blocked));
    show("while it is handled", status_of(while_handled));
    show("only once", status_of(only_once));
    show("in a thread", status_of(by_thread));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    prepare();
    each();
    many();
    nested();
    on_stack();
    in_thread();
    ends();
    return 0;
}
