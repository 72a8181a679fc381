// SPDX-License-Identifier: Apache-2.0
// What is pending for one thread and for the process; handlers that fork, and handlers that block, while the call that
// they interrupted waits, too.
#include "guest.h"
#include "guest_signal.h"
#include "guest_thread.h"

static volatile u32 handled, handled_by, step;
static void note(int signal) {
    ++handled;
    handled_by = (u32)sys_gettid();
    (void)signal;
}
static void show_set(const char* what, u64 set) {
    print(what);
    for (int s = 1; s <= 64; ++s) {
        if (set & signal_bit(s)) out_char(' '), print_number(s);
    }
    out_char('\n');
}
static u64 pending(void) {
    u64 set = 0;
    sys_rt_sigpending(&set, 8);
    return set;
}
static void go_to(u32 value) {
    __atomic_store_n(&step, value, 5);
    wake(&step, 1 << 30);
}
static i32 status_of(i32 pid) {
    i32 status = 0;
    while (sys_wait4(pid, &status, 0, 0) == -4) {
    }
    return status;
}

// ---- pending sets

static volatile u64 pending_there, pending_then;
static void look_at_mine(int tid, void* argument) {
    (void)tid, (void)argument;
    wait_for(&step, 1);
    pending_there = pending();
    go_to(2);
    wait_for(&step, 3);
    change_mask(SIG_UNBLOCK, signal_bit(SIGUSR1));  // of the two that have it pending, only this one's comes
    pending_then = pending();
    go_to(4);
    wait_for(&step, 5);
}
static void pending_sets(void) {
    static struct thread_t thread;
    const int all[] = {SIGUSR1, SIGUSR2, SIGRT, SIGSEGV};
    u64 mask = 0;
    for (int i = 0; i < 4; ++i) mask |= signal_bit(all[i]), set_handler(all[i], note, 0, 0);
    change_mask(SIG_BLOCK, mask);
    start(&thread, look_at_mine, 0);
    i32 me = (i32)sys_getpid();
    sys_tgkill(me, thread.tid, SIGUSR1);
    sys_tgkill(me, thread.tid, SIGRT);
    sys_tgkill(me, (i32)sys_gettid(), SIGUSR1);
    sys_kill(me, SIGUSR2);
    go_to(1);
    wait_for(&step, 2);
    show_set("pending here", pending());
    show_set("pending there", pending_there);
    i32 pid = (i32)sys_fork();
    if (pid == 0) sys_exit_group(pending() == 0 ? 3 : 4);
    show("pending in a child", status_of(pid));
    go_to(3);
    wait_for(&step, 4);
    show("handled", handled);
    show("  there", handled_by == (u32)thread.tid);
    show_set("pending there", pending_then);
    show_set("pending here", pending());
    // Signals for the process are anybody's, others end with their thread.
    u64 usr2 = signal_bit(SIGUSR2);
    struct timespec_t none = {0, 0};
    show("taken here", sys_rt_sigtimedwait(&usr2, 0, &none, 8));
    go_to(5);
    join(&thread);
    show_set("pending at last", pending());
    handled = 0;
    change_mask(SIG_UNBLOCK, mask);
    show("handled here", handled);
}

// ---- handlers that fork

static volatile i32 child_status, is_child;
static void fork_and_wait(int signal) {
    (void)signal;
    i32 pid = (i32)sys_fork();
    if (pid == 0) sys_exit_group(current_mask() == (signal_bit(SIGUSR1) | signal_bit(SIGHUP)) ? 11 : 12);
    child_status = status_of(pid);
}
static volatile i32 child;
static void fork_and_return(int signal) {
    (void)signal;
    child = (i32)sys_fork();
    if (child == 0) is_child = 1;
}
static void forks(void) {
    set_handler(SIGUSR1, fork_and_wait, 0, signal_bit(SIGHUP));
    raise_signal(SIGUSR1);
    show("child that ends in the handler", child_status);
    // Both go on behind the handler, in the middle of a computation and in the middle of a call.
    set_handler(SIGUSR1, fork_and_return, 0, 0);
    out_flush();
    u32 sum = 0;
    for (volatile u32 i = 0; i < 1000; ++i) {
        sum += i;
        if (i == 500) raise_signal(SIGUSR1);
    }
    if (is_child) sys_exit_group(sum == 499500 && current_mask() == 0 ? 21 : 22);
    show("child that returns", status_of(child));
    show("  sum", sum);
    struct timeval_t soon[2] = {{0, 0}, {0, 2000}};
    set_handler(SIGALRM, fork_and_return, 0, 0);
    out_flush();
    sys_setitimer(0, soon, 0);
    struct timespec_t left = {0, 0}, long_time = {1000, 0};
    i64 r = sys_nanosleep(&long_time, &left);
    if (is_child) sys_exit_group(r == -4 ? 31 : 32);
    show("child of an interrupted call", status_of(child));
    show("  the call", r);
}

// ---- handlers that block

static i32 outer[2], inner[2], third[2];
static volatile i64 inner_result, third_result;
static char byte;
static void read_inner(int signal) {
    (void)signal;
    go_to(2);
    inner_result = sys_read(inner[0], &byte, 1);
    while (inner_result == -4) inner_result = sys_read(inner[0], &byte, 1);
}
static void read_third(int signal) {
    (void)signal;
    go_to(3);
    third_result = sys_read(third[0], &byte, 1);
}
// Interrupts the other thread's read, then the read in its handler, and then lets them go on from the inside out.
static void drive(int tid, void* argument) {
    (void)tid;
    int reader = *(int*)argument;
    wait_for(&step, 1);
    sys_tkill(reader, SIGUSR1);
    wait_for(&step, 2);
    sys_tkill(reader, SIGUSR2);
    wait_for(&step, 3);
    sys_write(third[1], "3", 1);
    sys_write(inner[1], "2", 1);
    sys_write(outer[1], "1", 1);
}
static void blocking_reads(u32 flags) {
    static struct thread_t thread;
    static int me;
    me = (int)sys_gettid();
    step = 0, inner_result = third_result = 0;
    set_handler(SIGUSR1, read_inner, flags, 0);
    set_handler(SIGUSR2, read_third, 0, 0);
    start(&thread, drive, &me);
    go_to(1);
    i64 r = sys_read(outer[0], &byte, 1);
    while (r == -4 && third_result == 0) r = sys_read(outer[0], &byte, 1);  // came before the call
    show("third", third_result);
    show("inner", inner_result);
    // Without SA_RESTART the call may have been interrupted, or the signal was faster than the call.
    if (r == -4) r = sys_read(outer[0], &byte, 1);
    show("outer", r);
    join(&thread);
}
static volatile u32 gate;
static void sleep_in_handler(int signal) {
    u64 none = 0;
    struct timespec_t moment = {0, 1000000};
    if (signal == SIGUSR1) {
        raise_signal(SIGUSR2);  // blocked here, but not while it waits
        show("sigsuspend inside", sys_rt_sigsuspend(&none, 8));
        show("  handled", handled);
        show("nanosleep inside", sys_nanosleep(&moment, 0));
        show("futex inside", sys_futex(&gate, FUTEX_WAIT, 0, (usize)&moment, 0, 0));
        show("poll inside", sys_poll(0, 0, 1));
        show_set("mask inside", current_mask());
    }
}
static void blocking(void) {
    sys_pipe2(outer, 0);
    sys_pipe2(inner, 0);
    sys_pipe2(third, 0);
    for (int i = 0; i < 2; ++i) {
        print(i ? "restarted\n" : "interrupted\n");
        blocking_reads(i ? SA_RESTART : 0);
    }
    handled = 0;
    set_handler(SIGUSR2, note, 0, 0);
    set_handler(SIGUSR1, sleep_in_handler, 0, signal_bit(SIGUSR2));
    raise_signal(SIGUSR1);
    show_set("mask after", current_mask());
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    pending_sets();
    forks();
    blocking();
    return 0;
}
