// SPDX-License-Identifier: Apache-2.0
// Threads: identity, sharing, futexes, signals to one thread and to the process, the ways threads and processes end.
#include "guest.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { MANY = 64 };
static struct thread_t threads[MANY];
static volatile u32 counter, gate, ready, flag;
static volatile int wrong;
static int some_tid;

// ---- identity and sharing

static int depth_of(int n) {
    volatile u8 stack[64];
    stack[n & 63] = (u8)n;
    int below = n > 0 ? depth_of(n - 1) : 0;
    return stack[n & 63] == (u8)n ? below + 1 : -1000;
}
static void count_up(int tid, void *argument) {
    if (tid != (int)sys_gettid()) ++wrong;
    for (int i = 0; i < 1000; ++i) __atomic_fetch_add(&counter, 1, 5);
    if (depth_of(50) != 51) ++wrong;
    *(int *)argument = tid;
}
static void identity(void) {
    static int tids[MANY];
    i64 pid = sys_getpid();
    for (int i = 0; i < MANY; ++i) {
        int tid = start(&threads[i], count_up, &tids[i]);
        if (tid <= 0 || tid == pid) ++wrong;
    }
    for (int i = 0; i < MANY; ++i) join(&threads[i]);
    for (int i = 1; i < MANY; ++i) {
        if (tids[i] == tids[i - 1]) ++wrong;
    }
    show("counted", counter);
    show("wrong", wrong);
    show("leader", sys_gettid() == sys_getpid());
}

// ---- futexes

static void sleep_at_gate(int tid, void *argument) {
    (void)tid;
    (void)argument;
    __atomic_fetch_add(&ready, 1, 5);
    sys_futex(&gate, FUTEX_WAIT, 0, 0, 0, 0);
    __atomic_fetch_add(&counter, 1, 5);
}
static i64 wake_until(volatile u32 *word, int op, int want, volatile u32 *other, int val2) {
    // Sleepers announce themselves just before they sleep.
    i64 done = 0;
    while (done < want) {
        i64 n = sys_futex(word, op, want - done, (usize)(val2 - done), other, 0);
        if (n < 0) return n;
        done += n;
        sys_sched_yield();
    }
    return done;
}
static void futexes(void) {
    struct timespec_t soon = {0, 1000000}, bad = {0, 2000000000};
    static u32 word;
    show("not equal", sys_futex(&word, FUTEX_WAIT, 1, 0, 0, 0));
    show("time out", sys_futex(&word, FUTEX_WAIT, 0, &soon, 0, 0));
    show("bad time", sys_futex(&word, FUTEX_WAIT, 0, &bad, 0, 0));
    show("null", sys_futex(0, FUTEX_WAIT, 0, 0, 0, 0));
    show("odd", sys_futex((u8 *)&word + 1, FUTEX_WAIT, 0, 0, 0, 0));
    show("bad pointer", sys_futex((void *)0x7FFFFFF0, FUTEX_WAIT, 0, 0, 0, 0));
    show("bad op", sys_futex(&word, 99, 0, 0, 0, 0));
    show("bitset 0", sys_futex(&word, 9, 0, 0, 0, 0));
    show("wake none", sys_futex(&word, FUTEX_WAKE, 1, 0, 0, 0));
    counter = ready = gate = 0;
    for (int i = 0; i < 6; ++i) start(&threads[i], sleep_at_gate, 0);
    while (ready < 6) sys_sched_yield();
    show("wake", wake_until(&gate, FUTEX_WAKE, 2, 0, 0));
    // None is woken, the rest moves to another word: the fourth argument is a number.
    static u32 other;
    i64 moved = 0;
    while (moved < 4) moved += sys_futex(&gate, 3 | 128, 0, 4, &other, 0);
    show("requeue", moved);
    show("  nobody here", sys_futex(&gate, FUTEX_WAKE, 10, 0, 0, 0));
    show("  cmp, changed", sys_futex(&gate, 4 | 128, 0, 4, &other, 7));
    show("  there", sys_futex(&other, FUTEX_WAKE, 10, 0, 0, 0));
    for (int i = 0; i < 6; ++i) join(&threads[i]);
    show("through", counter);
    // Priority inheritance: the kernel writes the owner's tid.
    static u32 pi;
    show("lock", sys_futex(&pi, 6 | 128, 0, 0, 0, 0));
    show("  owner", pi == (u32)sys_gettid());
    show("  again", sys_futex(&pi, 6 | 128, 0, 0, 0, 0));
    show("unlock", sys_futex(&pi, 7 | 128, 0, 0, 0, 0));
    show("  free", pi);
    show("unlock again", sys_futex(&pi, 7 | 128, 0, 0, 0, 0));
}

// ---- what the kernel writes at the end of a thread

struct robust_t {
    usize first;
    i64 offset;
    usize pending;
};
struct mutex_t {
    usize next;
    u32 word;
};
static struct robust_t robust_list;
static struct mutex_t mutex;
static volatile u32 tid_word;
static void die_holding(int tid, void *argument) {
    (void)argument;
    robust_list.first = (usize)&mutex;
    robust_list.offset = (i64)((usize)&mutex.word - (usize)&mutex);
    robust_list.pending = 0;
    mutex.next = (usize)&robust_list;
    mutex.word = (u32)tid | 0x80000000u;
    show("robust list", sys_set_robust_list(&robust_list, 24));
    show("  bad size", sys_set_robust_list(&robust_list, 12));
    show("tid address", sys_set_tid_address(&tid_word) == tid);
}
static void endings(void) {
    tid_word = 77;
    start(&threads[0], die_holding, 0);
    while (__atomic_load_n(&tid_word, 5) != 0) sys_futex(&tid_word, 0, 77, 0, 0, 0);
    show("tid word", tid_word);
    show("owner died", mutex.word >> 30);
}

// ---- signals

static volatile int handled_by;
static volatile u32 handled;
static void take_note(int signal) {
    (void)signal;
    handled_by = (int)sys_gettid();
    __atomic_fetch_add(&handled, 1, 5);
}
static void wait_for_flag(int tid, void *argument) {
    (void)tid;
    change_mask(SIG_SETMASK, (u64)(usize)argument);
    __atomic_fetch_add(&ready, 1, 5);
    while (!__atomic_load_n(&flag, 5)) {
        struct timespec_t moment = {0, 200000};
        sys_nanosleep(&moment, 0);
    }
}
static void spin_for_flag(int tid, void *argument) {
    (void)tid;
    (void)argument;
    __atomic_fetch_add(&ready, 1, 5);
    while (!__atomic_load_n(&flag, 5)) {}
}
static void signals(void) {
    set_handler(SIGUSR1, take_note, 0, 0);
    flag = ready = handled = 0;
    int sleeper = start(&threads[0], wait_for_flag, 0), spinner = start(&threads[1], spin_for_flag, 0);
    while (ready < 2) sys_sched_yield();
    sys_tkill(sleeper, SIGUSR1);
    while (handled < 1) sys_sched_yield();
    show("the sleeper", handled_by == sleeper);
    sys_tgkill((i32)sys_getpid(), spinner, SIGUSR1);
    while (handled < 2) sys_sched_yield();
    show("the spinner", handled_by == spinner);
    raise_signal(SIGUSR1);
    show("this one", handled == 3 && handled_by == (int)sys_gettid());
    show("wrong group", sys_tgkill(1, spinner, SIGUSR1));
    __atomic_store_n(&flag, 1, 5);
    join(&threads[0]);
    join(&threads[1]);
    // A new thread has its creator's mask; a signal to the process finds the one that does not block it.
    flag = ready = handled = 0;
    change_mask(SIG_BLOCK, signal_bit(SIGUSR1));
    start(&threads[0], spin_for_flag, 0);
    int open_one = start(&threads[1], wait_for_flag, 0);
    while (ready < 2) sys_sched_yield();
    sys_kill((i32)sys_getpid(), SIGUSR1);
    while (handled < 1) sys_sched_yield();
    show("the open one", handled_by == open_one);
    __atomic_store_n(&flag, 1, 5);
    join(&threads[0]);
    join(&threads[1]);
    change_mask(SIG_SETMASK, 0);
}

// ---- ends, each in a process of its own

static i32 status_of(void (*run)(void)) {
    out_flush();
    i32 status = 0, pid = (i32)sys_fork();
    if (pid == 0) {
        run();
        sys_exit_group(99);
    }
    sys_wait4(pid, &status, 0, 0);
    return status;
}
static i32 pipe_ends[2];
static void block_in_read(int tid, void *argument) {
    (void)tid;
    (void)argument;
    char byte;
    __atomic_fetch_add(&ready, 1, 5);
    sys_read(pipe_ends[0], &byte, 1);
}
static void block_in_futex(int tid, void *argument) {
    (void)tid;
    (void)argument;
    __atomic_fetch_add(&ready, 1, 5);
    sys_futex(&gate, FUTEX_WAIT, 0, 0, 0, 0);
}
static void block_in_pause(int tid, void *argument) {
    (void)tid;
    (void)argument;
    __atomic_fetch_add(&ready, 1, 5);
    for (;;) sys_pause();
}
static void end_the_group(int tid, void *argument) {
    (void)tid;
    while (ready < 4) sys_sched_yield();
    sys_exit_group((int)(usize)argument);
}
static void start_blocked(void) {
    sys_pipe(pipe_ends);
    gate = ready = flag = 0;
    start(&threads[0], block_in_read, 0);
    start(&threads[1], block_in_futex, 0);
    start(&threads[2], block_in_pause, 0);
    start(&threads[3], spin_for_flag, 0);
    while (ready < 4) sys_sched_yield();
}
static void group_by_thread(void) {
    start_blocked();
    start(&threads[4], end_the_group, (void *)23);
    for (;;) sys_pause();
}
static void group_by_leader(void) {
    start_blocked();
    sys_exit_group(24);
}
static void exit_later(int tid, void *argument) {
    (void)tid;
    sys_set_tid_address(&tid_word);
    __atomic_fetch_add(&ready, 1, 5);
    struct timespec_t moment = {0, 200000000};
    sys_nanosleep(&moment, 0);
    sys_exit((int)(usize)argument);
}
static void leader_first(void) {
    ready = 0;
    start(&threads[0], exit_later, (void *)7);
    start(&threads[1], exit_later, (void *)7);
    while (ready < 2) sys_sched_yield();
    sys_exit(25);
}
static void leader_last(void) {
    tid_word = 77;
    start(&threads[0], exit_later, (void *)7);
    while (__atomic_load_n(&tid_word, 5) != 0) sys_futex(&tid_word, 0, 77, 0, 0, 0);
    sys_exit(26);
}
static void leader_gone_then_group(void) {
    ready = 4;
    start(&threads[0], end_the_group, (void *)27);
    sys_exit(1);
}
static void fork_in_thread(int tid, void *argument) {
    (void)tid;
    (void)argument;
    i32 status = 0, pid = (i32)sys_fork();
    if (pid == 0) {
        // The only thread here, and the leader.
        int code = sys_gettid() == sys_getpid() ? 28 : 1;
        counter = 0;
        start(&threads[9], count_up, &some_tid);
        join(&threads[9]);
        sys_exit(counter == 1000 ? code : 2);
    }
    sys_wait4(pid, &status, 0, 0);
    sys_exit_group(status >> 8);
}
static void fork_by_thread(void) {
    start_blocked();
    start(&threads[4], fork_in_thread, 0);
    for (;;) sys_pause();
}
static void exec_in_thread(int tid, void *argument) {
    (void)tid;
    (void)argument;
    char *argv[] = {"sh", "-c", "test $PPID = \"$0\"; exit $((29 + $?))", 0, 0}, *envp[] = {0};
    static char parent[16];
    i64 ppid = sys_getppid();
    int n = 0;
    char digits[16];
    for (; ppid; ppid /= 10) digits[n++] = (char)('0' + ppid % 10);
    for (int i = 0; i < n; ++i) parent[i] = digits[n - 1 - i];
    argv[3] = parent;
    sys_execve("/bin/sh", argv, envp);
}
static void exec_by_thread(void) {
    start_blocked();
    start(&threads[4], exec_in_thread, 0);
    for (;;) sys_pause();
}
static void killed(void) {
    start_blocked();
    sys_kill((i32)sys_getpid(), SIGTERM);
    for (;;) sys_pause();
}
static void ends(void) {
    show("exit_group by a thread", status_of(group_by_thread));
    show("exit_group by the leader", status_of(group_by_leader));
    show("the leader exits first", status_of(leader_first));
    show("the leader exits last", status_of(leader_last));
    show("the leader is gone", status_of(leader_gone_then_group));
    show("fork by a thread", status_of(fork_by_thread));
    show("execve by a thread", status_of(exec_by_thread));
    show("killed", status_of(killed));
}

int guest_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    identity();
    futexes();
    endings();
    signals();
    ends();
    return 0;
}
