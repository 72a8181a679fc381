// SPDX-License-Identifier: Apache-2.0
// Signals that lie about where they come from, and handlers, stacks and masks in hostile places.
#include "attack.h"

static u64 base;
static volatile u32 handled;
static void count(int signal) {
    (void)signal;
    ++handled;
}

// "A fault of the kernel's at a guest address", queued by the guest itself: the engine must not believe it.
struct fault {
    i32 signal, error, code, pad;
    u64 address;
    u8 tail[104];
};
static struct fault lie(int signal) {
    struct fault f = {.signal = signal, .code = 2, .address = base + 4096};
    return f;
}
static int refused(i64 result) { return result == -1 ? CONTAINED : REACHED; }
static int fault_by_process(void) {
    struct fault f = lie(SIGSEGV);
    return refused(sys_rt_sigqueueinfo(sys_getpid(), SIGSEGV, &f));
}
static int fault_by_thread(void) {
    struct fault f = lie(SIGBUS);
    return refused(sys_rt_tgsigqueueinfo(sys_getpid(), sys_gettid(), SIGBUS, &f));
}
static int fault_by_pidfd(void) {
    struct fault f = lie(SIGSEGV);
    return refused(sys_pidfd_send_signal(sys_pidfd_open(sys_getpid(), 0), SIGSEGV, &f, 0));
}
// The kernel's frame, host registers and all, where the guest can read and write it.
static int registers_on_stack(void) {
    static u64 words[2048];
    struct stack_t stack = {(u32)(usize)words, 0, sizeof words};
    sys_sigaltstack(&stack, 0);
    set_handler(SIGUSR1, count, 0, 0);
    raise_signal(SIGUSR1);
    for (usize i = 0; i < 2048; ++i) {
        if (words[i] >= base && words[i] < base + (8ULL << 30)) return REACHED;
    }
    return handled == 1 ? CONTAINED : REACHED;
}
static int stack_nowhere(void) {
    struct stack_t stack = {0x7FFF0000, 0, 16384};
    sys_sigaltstack(&stack, 0);
    set_handler(SIGUSR1, count, 0, 0);  // not for this handler
    raise_signal(SIGUSR1);
    return handled == 1 ? CONTAINED : REACHED;
}
static int handler_on_stack_nowhere(void) {
    struct stack_t stack = {0x7FFF0000, 0, 16384};
    sys_sigaltstack(&stack, 0);
    set_info_handler(SIGUSR1, (info_handler)(void*)count, SA_ONSTACK, 0);
    raise_signal(SIGUSR1);
    return handled;
}
static int handler_nowhere(void) {
    set_handler(SIGUSR1, (void (*)(int))0x7FFFFFF0, 0, 0);
    raise_signal(SIGUSR1);
    return CONTAINED;
}
// More parameters than any call has.
static u64 many(MANY_PARAMETERS) {
    ++handled;
    return 0;
}
static int handler_of_many(void) {
    set_handler(SIGUSR1, (void (*)(int))(void*)many, 0, 0);
    raise_signal(SIGUSR1);
    return handled ? REACHED : CONTAINED;
}
// A handler that is interrupted by itself, for ever.
static void again(int signal) {
    (void)signal;
    raise_signal(SIGUSR1);
}
static int handler_in_itself(void) {
    set_handler(SIGUSR1, again, SA_NODEFER, 0);
    raise_signal(SIGUSR1);
    return CONTAINED;
}
static void again_in_thread(int tid, void* argument) {
    (void)tid, (void)argument;
    handler_in_itself();
}
static int handler_in_itself_in_thread(void) {
    static struct thread_t thread;
    start(&thread, again_in_thread, 0);
    join(&thread);
    return CONTAINED;
}
// Nothing to return to: the kernel would load registers from the host's stack.
static int return_from_nothing(void) { return sys_rt_sigreturn(0) == -22 ? CONTAINED : REACHED; }
// With faults blocked in the host, the kernel kills at once and the runtime does not learn of a guest's fault.
static int fault_while_all_blocked(void) {
    change_mask(SIG_SETMASK, ~0ULL);
    return REACHED + *(volatile u8*)0x7FFFF000;
}
// While a signal is being handled with everything blocked, the kernel's own mask must still let faults through.
static void fault_again(int signal) {
    (void)signal;
    *(volatile u8*)0x7FFFF000 = 1;
}
static int fault_in_handler(void) {
    set_handler(SIGUSR1, fault_again, 0, ~0ULL);
    raise_signal(SIGUSR1);
    return REACHED;
}

// Faults that are sent faster than they are handled. A thread stops them once they have had time enough to use up any
// stack.
static i32 storm_timer;
static void end_storm(int tid, void* argument) {
    (void)tid, (void)argument;
    struct timespec_t used = {0, 0};
    while (used.sec == 0 && used.nsec < 500000000) {
        sys_sched_yield();
        sys_clock_gettime(2, &used);
    }
    struct {
        struct timespec_t interval, first;
    } none = {{0, 0}, {0, 0}};
    sys_timer_settime(storm_timer, 0, &none, 0);
}
static int storm_of_faults(void) {
    static struct thread_t thread;
    struct {
        u32 value;
        i32 signal, notify, tid;
        u8 tail[48];
    } event = {1, SIGSEGV, 4, (i32)sys_gettid(), {0}};
    struct {
        struct timespec_t interval, first;
    } often = {{0, 1000}, {0, 1000}};
    set_handler(SIGSEGV, count, 0, 0);
    if (sys_timer_create(1, &event, &storm_timer) != 0) return NOT_HERE;
    start(&thread, end_storm, 0);
    sys_timer_settime(storm_timer, 0, &often, 0);
    join(&thread);
    return handled ? CONTAINED : REACHED;
}
// libc takes signals below 34 for itself when there is a thread.
static int signal_of_libc(void) {
    set_handler(33, count, 0, 0);
    start_company();
    raise_signal(33);
    return handled == 1 ? CONTAINED : REACHED;
}
static int waiting_signal_of_libc(void) {
    set_handler(33, count, 0, 0);
    change_mask(SIG_BLOCK, signal_bit(33));
    raise_signal(33);
    raise_signal(33);
    start_company();
    if (handled != 0 || (current_mask() & signal_bit(33)) == 0) return REACHED;
    change_mask(SIG_UNBLOCK, signal_bit(33));
    return handled == 2 ? CONTAINED : REACHED;
}
// A small stack, and no descriptor left to ask how small.
static int handler_in_itself_on_small_stack(void) {
    u64 none[2] = {0, 0}, small[2] = {262144, 262144};
    if (sys_setrlimit(3, small) != 0 || sys_setrlimit(7, none) != 0) return NOT_HERE;
    return handler_in_itself();
}
static u8 control[1 << 20];
static struct {
    u32 name, name_bytes, vectors;
    i32 vector_count;
    u32 pad, control, control_bytes, pad2;
    i32 flags;
    u32 length;
} messages[64];
static int messages_in_time(void) {
    i32 pair[2];
    sys_socketpair(1, 2, 0, pair);
    for (int i = 0; i < 64; ++i) {
        messages[i].control = (u32)(usize)control;
        messages[i].control_bytes = sizeof control;
    }
    struct {
        i64 interval[2], first[2];
    } often = {{0, 2000}, {0, 2000}};
    set_handler(SIGALRM, count, 0, 0);
    sys_setitimer(0, &often, 0);
    return sys_sendmmsg(pair[0], messages, 64, 0) < 0 ? CONTAINED : REACHED;
}

static const struct attack attacks[] = {
    {"forged fault by process", fault_by_process, 0},
    {"forged fault by thread", fault_by_thread, 0},
    {"forged fault by pidfd", fault_by_pidfd, 0},
    {"registers on the stack", registers_on_stack, 0},
    {"stack nowhere", stack_nowhere, 0},
    {"handler on a stack nowhere", handler_on_stack_nowhere, 1},
    {"handler of many parameters", handler_of_many, 1},
    {"handler in itself, in a thread", handler_in_itself_in_thread, 1},
    {"return from nothing", return_from_nothing, 0},
    {"fault while all is blocked", fault_while_all_blocked, 1},
    {"fault in a handler", fault_in_handler, 1},
    {"storm of faults", storm_of_faults, 0},
    {"signal of libc", signal_of_libc, 0},
    {"waiting signal of libc", waiting_signal_of_libc, 0},
    {"messages in time", messages_in_time, 0},
};
// No defence that could be taken out stands against these.
static const struct attack others[] = {
    {"handler nowhere", handler_nowhere, 1},
    {"handler in itself", handler_in_itself, 1},  // its own stack ends first
    {"handler in itself on a small stack", handler_in_itself_on_small_stack, 1},  // the host's is not the guest's to limit
};

int guest_main(int argc, char** argv) {
    (void)argv;
    base = host_base();
    RUN(attacks);
    if (argc == 1) RUN(others);
    return 0;
}
