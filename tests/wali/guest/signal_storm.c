// SPDX-License-Identifier: Apache-2.0
// Signals at random moments around calls that block without a time limit. One that arrives between the runtime's last
// look and the system call must not be slept over. They come from another process, each after the last has been
// answered; and from a timer of the process's own, which strikes in the middle of what it does also where all processes
// share a processor. Another process kills a receiver that answers no more. Arguments: how many, its patience in
// seconds, and whether to tell how many were answered how late: then without the timer.
#include "guest.h"
#include "guest_signal.h"

struct pollfd_t {
    i32 fd;
    i16 events, revents;
};
static volatile u32 *answers, *finished;  // shared with the sender
// Shared too: what the sender knows in the end.
static volatile struct {
    i64 answered, worst, late;  // the longest wait for an answer in nanoseconds; how many were longer than LATE
} *known;
static const i64 LATE = 100000000;
static i64 patience = 20;
static i32 pipe_ends[2], socket_fd, sleeper;
static u32 futex_word;

static void answer(int signal) {
    (void)signal;
    __atomic_fetch_add(answers, 1, 5);
}

static i64 in_read(void) {
    char byte;
    return sys_read(pipe_ends[0], &byte, 1);
}
static i64 in_ppoll(void) {
    struct pollfd_t p = {pipe_ends[0], 1, 0};
    return sys_ppoll(&p, 1, 0, 0, 8);
}
static i64 in_futex(void) { return sys_futex(&futex_word, 128, 0, 0, 0, 0); }
static i64 in_accept(void) { return sys_accept(socket_fd, 0, 0); }
static i64 in_wait4(void) { return sys_wait4(sleeper, 0, 0, 0); }
static i64 in_sigsuspend(void) {
    u64 none = 0;
    return sys_rt_sigsuspend(&none, 8);
}

static u32 random_state = 1;
static u32 random_number(void) {
    random_state = random_state * 1103515245u + 12345u;
    return random_state >> 8;
}
static i64 now(void) {
    struct timespec_t t;
    sys_clock_gettime(1, &t);
    return t.sec * 1000000000 + t.nsec;
}

static void give_up(i32 receiver) {
    sys_kill(receiver, SIGKILL);
    sys_kill(sleeper, SIGKILL);
    sys_exit_group(1);
}

// Sends `count` signals, each 0 to 50 µs after the last has been answered, half of them within 3 µs, when the receiver
// is on its way into the next call. Then more, until the receiver has noticed.
static void send(i32 receiver, int count) {
    for (int i = 0; i < count; ++i) {
        u32 before = __atomic_load_n(answers, 5);
        i64 until = now() + random_number() % (i % 2 ? 50000 : 3000);
        while (now() < until) {}
        i64 sent = now();
        sys_kill(receiver, SIGUSR1);
        until = sent + patience * 1000000000;
        while (__atomic_load_n(answers, 5) == before) {
            if (now() > until) give_up(receiver);
            sys_sched_yield();
        }
        i64 taken = now() - sent;
        if (taken > known->worst) known->worst = taken;
        if (taken > LATE) ++known->late;
    }
    known->answered = __atomic_load_n(answers, 5);
    while (!__atomic_load_n(finished, 5)) {
        struct timespec_t moment = {0, 1000000};
        sys_kill(receiver, SIGUSR1);
        sys_nanosleep(&moment, 0);
    }
    sys_exit_group(0);
}

// Only looks on.
static void watch(i32 receiver) {
    u32 before = 0;
    for (i64 until = now() + patience * 1000000000; !__atomic_load_n(finished, 5);) {
        struct timespec_t moment = {0, 1000000};
        sys_nanosleep(&moment, 0);
        u32 seen = __atomic_load_n(answers, 5);
        if (seen != before) until = now() + patience * 1000000000;
        if (now() > until) give_up(receiver);
        before = seen;
    }
    sys_exit_group(0);
}
// One signal soon; should it come before the call is made, more follow, as a program would have to arrange natively.
static void arm_timer(void) {
    struct timeval_t timer[2] = {{0, 500}, {0, 1 + random_number() % 50}};
    sys_setitimer(0, timer, 0);
}

static void tell(const char *what, int sent) {
    print(what);
    show(": signals", sent);
    show("  handled", known->answered);
    show("  worst, ns", known->worst);
    show("  late", known->late);
    known->worst = known->late = 0;
}
static int telling;
static void storm(const char *what, int count, int blocked_outside, i64 (*call)(void)) {
    i32 me = (i32)sys_getpid();
    u64 mine = signal_bit(SIGUSR1) | signal_bit(SIGALRM);
    out_flush();
    if (blocked_outside) change_mask(SIG_BLOCK, mine);
    for (int by_timer = 0; by_timer < 2 - telling; ++by_timer) {
        *answers = *finished = 0;
        i32 other = (i32)sys_fork();
        if (other == 0 && by_timer) watch(me);
        if (other == 0) send(me, count);
        int wrong = 0;
        while (*answers < (u32)count) {
            if (by_timer) arm_timer();
            if (call() != -4) ++wrong;
        }
        struct timeval_t none[2] = {{0, 0}, {0, 0}};
        sys_setitimer(0, none, 0);
        __atomic_store_n(finished, 1, 5);
        while (sys_wait4(other, 0, 0, 0) == -4) {}
        if (telling) tell(what, count);
        print(what);
        show(by_timer ? ", timer" : ", sender", wrong);
    }
    if (blocked_outside) change_mask(SIG_UNBLOCK, mine);
}

static int number(const char *text) {
    int n = 0;
    while (*text) n = n * 10 + *text++ - '0';
    return n;
}

int guest_main(int argc, char **argv) {
    int count = argc > 1 ? number(argv[1]) : 1000;
    if (argc > 2) patience = number(argv[2]);
    telling = argc > 3;
    answers = (volatile u32 *)(usize)sys_mmap(0, 4096, 3, 0x21, -1, 0);
    finished = answers + 1;
    known = (volatile void *)(answers + 2);
    sys_pipe(pipe_ends);
    struct {
        u16 family;
        char name[8];
    } address = {1, "\0storm"};
    u64 unique = (u64)sys_getpid();
    memcpy(address.name + 2, &unique, 4);
    socket_fd = (i32)sys_socket(1, 1, 0);
    sys_bind(socket_fd, &address, 8);
    sys_listen(socket_fd, 1);
    set_handler(SIGUSR1, answer, 0, 0);
    set_handler(SIGALRM, answer, 0, 0);
    sleeper = (i32)sys_fork();
    if (sleeper == 0) {
        for (;;) sys_pause();
    }
    storm("read", count, 0, in_read);
    storm("ppoll", count, 0, in_ppoll);
    storm("futex", count, 0, in_futex);
    storm("accept", count, 0, in_accept);
    storm("wait4", count, 0, in_wait4);
    storm("rt_sigsuspend", count, 1, in_sigsuspend);
    sys_kill(sleeper, SIGKILL);
    return 0;
}
