// SPDX-License-Identifier: Apache-2.0
// Actions, masks, handlers and what they see, queues, waiting for signals, interrupted calls.
#include "guest.h"
#include "guest_signal.h"

static volatile int seen[65];
static volatile int order[64];
static volatile int steps;
static void note(int signal) {
    ++seen[signal];
    order[steps++ & 63] = signal;
}
static void forget(void) {
    for (int i = 0; i < 65; ++i) seen[i] = 0;
    steps = 0;
}
static void show_order(const char *what) {
    print(what);
    for (int i = 0; i < steps; ++i) {
        out_char(' ');
        print_number(order[i]);
    }
    out_char('\n');
    forget();
}
static void show_mask(const char *what, u64 mask) {
    print(what);
    for (int s = 1; s <= 64; ++s) {
        if (mask & signal_bit(s)) {
            out_char(' ');
            print_number(s);
        }
    }
    out_char('\n');
}

// ---- actions

static void actions(void) {
    struct action_t old;
    show("set", set_handler(SIGUSR1, note, SA_RESTART | SA_NODEFER, signal_bit(SIGHUP) | signal_bit(SIGKILL)));
    show("query", sys_rt_sigaction(SIGUSR1, 0, &old, 8));
    show("  flags", (i64)(old.flags & 0xFBFFFFFF));
    show_mask("  mask", old.mask);
    show("  handler", old.handler == (usize)note);
    set_handler(SIGUSR1, SIG_IGNORE, 0, 0);
    sys_rt_sigaction(SIGUSR1, 0, &old, 8);
    show("  ignored", old.handler == (usize)SIG_IGNORE);
    raise_signal(SIGUSR1);
    set_handler(SIGUSR1, SIG_DEFAULT, 0, 0);
    sys_rt_sigaction(SIGUSR1, 0, &old, 8);
    show("  default", old.handler == 0);
    show("signal 0", set_handler(0, note, 0, 0));
    show("signal 65", set_handler(65, note, 0, 0));
    show("SIGKILL", set_handler(SIGKILL, note, 0, 0));
    show("SIGSTOP", set_handler(SIGSTOP, SIG_DEFAULT, 0, 0));
    show("query SIGKILL", sys_rt_sigaction(SIGKILL, 0, &old, 8));
    show("wrong size", sys_rt_sigaction(SIGUSR1, 0, &old, 128));
    show("32 and 33", set_handler(32, note, 0, 0) + set_handler(33, note, 0, 0));
    raise_signal(33);
    show("  handled", seen[33]);
    set_handler(32, SIG_DEFAULT, 0, 0);
    set_handler(33, SIG_DEFAULT, 0, 0);
    forget();
}

// ---- what a handler sees

static u64 mask_inside;
static void look(int signal) {
    note(signal);
    mask_inside = current_mask();
}
static void raise_again(int signal) {
    note(signal);
    if (seen[signal] < 4) raise_signal(signal);
}
static void handlers(void) {
    set_handler(SIGUSR1, look, 0, signal_bit(SIGHUP) | signal_bit(SIGRT));
    raise_signal(SIGUSR1);
    show_mask("mask inside", mask_inside);
    show_mask("mask after", current_mask());
    set_handler(SIGUSR1, look, SA_NODEFER, 0);
    raise_signal(SIGUSR1);
    show_mask("mask inside, SA_NODEFER", mask_inside);
    forget();
    set_handler(SIGUSR1, raise_again, 0, 0);
    raise_signal(SIGUSR1);
    show_order("raised inside");
    set_handler(SIGUSR1, raise_again, SA_NODEFER, 0);
    raise_signal(SIGUSR1);
    show_order("raised inside, SA_NODEFER");
    set_handler(SIGUSR1, note, SA_RESETHAND, 0);
    raise_signal(SIGUSR1);
    struct action_t old;
    sys_rt_sigaction(SIGUSR1, 0, &old, 8);
    show("SA_RESETHAND", old.handler == 0);
    forget();
    // Several at once, lowest first as the kernel takes them; each handler is entered before the one below runs.
    const int all[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGRT, SIGRT + 1};
    for (int i = 0; i < 5; ++i) set_handler(all[i], note, 0, 0);
    change_mask(SIG_BLOCK, ~0ULL);
    for (int i = 0; i < 5; ++i) raise_signal(all[i]);
    raise_signal(SIGUSR1);
    raise_signal(SIGRT);
    u64 pending = 0;
    show("pending", sys_rt_sigpending(&pending, 8));
    show_mask(" ", pending);
    show("pending, wrong size", sys_rt_sigpending(&pending, 128));
    show_order("blocked");
    change_mask(SIG_SETMASK, 0);
    show_order("unblocked");
    for (int i = 0; i < 5; ++i) set_handler(all[i], note, 0, ~0ULL);
    change_mask(SIG_BLOCK, ~0ULL);
    for (int i = 0; i < 5; ++i) raise_signal(all[i]);
    change_mask(SIG_SETMASK, 0);
    show_order("unblocked, one at a time");
}

static void masks(void) {
    u64 set = signal_bit(SIGUSR1) | signal_bit(SIGKILL), old = 7;
    show("block", sys_rt_sigprocmask(SIG_BLOCK, &set, &old, 8));
    show_mask("  before", old);
    show_mask("  now", current_mask());
    show("bad how", sys_rt_sigprocmask(9, &set, 0, 8));
    show("bad how without a set", sys_rt_sigprocmask(9, 0, &old, 8));
    show("bad size", sys_rt_sigprocmask(SIG_BLOCK, &set, 0, 4));
    show("bad pointer", sys_rt_sigprocmask(SIG_BLOCK, (void *)0x7FFFFFF0, 0, 8));
    set = ~0ULL;
    sys_rt_sigprocmask(SIG_SETMASK, &set, 0, 8);
    show_mask("all", current_mask());
    change_mask(SIG_SETMASK, 0);
}

// ---- siginfo

static struct info_t last;
static void keep(int signal, struct info_t *info, void *context) {
    note(signal);
    last = *info;
    if (!context) print("no context\n");
}
static void show_info(const char *what) {
    show(what, last.signal);
    show("  code", last.code);
    show("  me", last.pid == (i32)sys_getpid());
    show("  value", last.value);
}
static void block_for_later(int signal, struct info_t *info, void *context) {
    note(signal);
    (void)info;
    *(u64 *)((u8 *)context + MASK_IN_CONTEXT) |= signal_bit(SIGTERM);
}
static void queue(int signal, int value) {
    struct info_t info = {0};
    info.signal = signal;
    info.code = -1;
    info.pid = (i32)sys_getpid();
    info.value = value;
    sys_rt_sigqueueinfo(info.pid, signal, &info);
}
static void infos(void) {
    set_info_handler(SIGUSR1, keep, 0, 0);
    sys_kill((i32)sys_getpid(), SIGUSR1);
    show_info("kill");
    raise_signal(SIGUSR1);
    show_info("tkill");
    queue(SIGUSR1, 42);
    show_info("sigqueue");
    forget();
    set_info_handler(SIGRT, keep, 0, 0);
    change_mask(SIG_BLOCK, signal_bit(SIGRT));
    for (int i = 1; i <= 5; ++i) queue(SIGRT, i);
    change_mask(SIG_UNBLOCK, signal_bit(SIGRT));
    show("queued", seen[SIGRT]);
    show_info("last entered");
    set_info_handler(SIGUSR1, block_for_later, 0, 0);
    raise_signal(SIGUSR1);
    show_mask("mask changed in the context", current_mask());
    change_mask(SIG_SETMASK, 0);
    forget();
}

// ---- alternate stack

static u8 alternate[16384] __attribute__((aligned(16)));
static int on_alternate, flags_inside, changed_inside;
static void where(int signal) {
    note(signal);
    volatile u8 here = 0;
    on_alternate = (usize)&here >= (usize)alternate && (usize)&here < (usize)(alternate + sizeof alternate);
    struct stack_t now, other = {0, 2, 0};
    sys_sigaltstack(0, &now);
    flags_inside = now.flags;
    changed_inside = (int)sys_sigaltstack(&other, 0);
}
static void stacks(void) {
    struct stack_t stack = {(usize)alternate, 0, sizeof alternate}, old;
    show("none", sys_sigaltstack(0, &old));
    show("  disabled", (old.flags & 2) != 0);
    set_handler(SIGUSR1, where, 0, 0);
    show("set", sys_sigaltstack(&stack, 0));
    raise_signal(SIGUSR1);
    show("without SA_ONSTACK", on_alternate);
    set_handler(SIGUSR1, where, SA_ONSTACK, 0);
    raise_signal(SIGUSR1);
    show("with SA_ONSTACK", on_alternate);
    show("  flags inside", flags_inside);
    show("  changed inside", changed_inside);
    sys_sigaltstack(0, &old);
    show("get", old.base == (usize)alternate && old.bytes == sizeof alternate);
    show("  flags", old.flags);
    stack.bytes = 100;
    show("too small", sys_sigaltstack(&stack, 0));
    stack.flags = 77;
    show("bad flags", sys_sigaltstack(&stack, 0));
    stack.flags = 2;
    show("disable", sys_sigaltstack(&stack, 0));
    forget();
}

// ---- waiting

static void waits(void) {
    struct timespec_t soon = {0, 1000000};
    u64 set = signal_bit(SIGUSR1) | signal_bit(SIGRT), none = 0, others = ~signal_bit(SIGUSR1);
    set_info_handler(SIGUSR1, keep, 0, 0);
    set_info_handler(SIGRT, keep, 0, 0);
    change_mask(SIG_BLOCK, set);
    show("sigtimedwait, none", sys_rt_sigtimedwait(&set, 0, &soon, 8));
    queue(SIGRT, 5);
    show("sigtimedwait", sys_rt_sigtimedwait(&set, &last, &soon, 8));
    show_info("  info");
    show("  not handled", seen[SIGRT]);
    show("bad size", sys_rt_sigtimedwait(&set, &last, &soon, 128));
    queue(SIGUSR1, 6);
    show("sigsuspend", sys_rt_sigsuspend(&none, 8));
    show("  handled", seen[SIGUSR1]);
    show_mask("  mask after", current_mask());
    show("bad size", sys_rt_sigsuspend(&none, 128));
    queue(SIGUSR1, 7);
    show("ppoll", sys_ppoll(0, 0, &soon, &others, 8));
    show("  handled", seen[SIGUSR1]);
    queue(SIGRT, 7);
    show("ppoll, still blocked", sys_ppoll(0, 0, &soon, &others, 8));
    show("  handled", seen[SIGRT]);
    u64 block[2] = {(usize)&none, 8};
    queue(SIGUSR1, 8);
    show("pselect6", sys_pselect6(0, 0, 0, 0, &soon, block));
    show("  handled", seen[SIGUSR1]);
    show("  handled", seen[SIGRT]);
    change_mask(SIG_SETMASK, 0);
    show("  handled", seen[SIGRT]);
    forget();
    // A handler entered under the mask of the wait.
    set_handler(SIGUSR1, look, 0, signal_bit(SIGHUP));
    change_mask(SIG_BLOCK, signal_bit(SIGUSR1) | signal_bit(SIGTERM));
    raise_signal(SIGUSR1);
    u64 during = signal_bit(SIGINT);
    sys_rt_sigsuspend(&during, 8);
    show_mask("inside", mask_inside);
    show_mask("after", current_mask());
    change_mask(SIG_SETMASK, 0);
    forget();
}

static void descriptors(void) {
    struct {
        u32 signal;
        i32 error, code;
        u32 rest[29];
    } info;
    u64 set = signal_bit(SIGUSR2);
    set_handler(SIGUSR2, note, 0, 0);
    change_mask(SIG_BLOCK, set);
    i32 fd = (i32)sys_signalfd4(-1, &set, 8, O_NONBLOCK);
    show_ok("signalfd4", fd);
    show("read, none", sys_read(fd, &info, 128));
    queue(SIGUSR2, 3);
    show("read", sys_read(fd, &info, 128));
    show("  signal", info.signal);
    show("  handled", seen[SIGUSR2]);
    sys_close(fd);
    change_mask(SIG_SETMASK, 0);
}

int guest_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    actions();
    masks();
    handlers();
    infos();
    stacks();
    waits();
    descriptors();
    return 0;
}
