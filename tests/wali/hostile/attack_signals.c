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
static int refused(i64 result) {
    return result == -1 ? CONTAINED : REACHED;
}
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
static int return_from_nothing(void) {
    return sys_rt_sigreturn(0) == -22 ? CONTAINED : REACHED;
}
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
};
// No defence that could be taken out stands against these.
static const struct attack others[] = {
    {"handler nowhere", handler_nowhere, 1},
    {"handler in itself", handler_in_itself, 1},  // its own stack ends first
};

int guest_main(int argc, char** argv) {
    (void)argv;
    base = host_base();
    RUN(attacks);
    if (argc == 1) RUN(others);
    return 0;
}
