// SPDX-License-Identifier: Apache-2.0
// Calls that a signal interrupts: which fail with EINTR, which are made again, with and without SA_RESTART; default
// actions; signals in a busy loop.
#include "guest.h"
#include "guest_signal.h"

static volatile int handled;
static void count(int signal) {
    (void)signal;
    ++handled;
}

// Reads the state letter in /proc/PID/stat until the process sleeps.
static void wait_until_asleep(i32 pid) {
    char path[32] = "/proc/", text[512];
    usize n = 6, digits = 1;
    for (i32 p = pid; p >= 10; p /= 10) ++digits;
    for (usize i = digits; i > 0; --i, pid /= 10) path[n + i - 1] = (char)('0' + pid % 10);
    const char *rest = "/stat";
    for (usize i = 0; i <= length(rest); ++i) path[n + digits + i] = rest[i];
    for (;;) {
        i32 fd = (i32)sys_open(path, O_RDONLY, 0);
        i64 got = sys_read(fd, text, sizeof text - 1);
        sys_close(fd);
        for (i64 i = got - 1; i > 1; --i) {
            if (text[i - 2] == ')' && text[i - 1] == ' ' && text[i] == 'S') return;
        }
        sys_sched_yield();
    }
}

static i32 pipe_ends[2];
static i32 parent;

// A child that signals the parent once it sleeps, and then, when it sleeps again, writes what it waits for.
static i32 signaller(int then_write) {
    out_flush();
    handled = 0;
    i32 pid = (i32)sys_fork();
    if (pid != 0) return pid;
    wait_until_asleep(parent);
    sys_kill(parent, SIGUSR1);
    if (then_write) {
        struct timespec_t pause = {0, 30000000};
        sys_nanosleep(&pause, 0);
        wait_until_asleep(parent);
        sys_write(pipe_ends[1], "data", 4);
    }
    sys_exit_group(0);
    return 0;
}
static void reap(i32 pid) {
    // The signal must not hit this call.
    i32 status = 0;
    while (sys_wait4(pid, &status, 0, 0) == -4) {}
}

struct pollfd_t {
    i32 fd;
    i16 events, revents;
};

static void one(const char *what, int restart, int restarts, i64 (*call)(void)) {
    set_handler(SIGUSR1, count, restart ? SA_RESTART : 0, 0);
    i32 child = signaller(restart && restarts);
    i64 result = call();
    int before = handled;
    reap(child);
    print(what);
    print(restart ? ", SA_RESTART" : "");
    show("", result);
    show("  handled", before);
}

static i64 read_pipe(void) {
    char bytes[4];
    return sys_read(pipe_ends[0], bytes, 4);
}
static i64 readv_pipe(void) {
    char bytes[4];
    struct iovec_t v = {bytes, 4};
    return sys_readv(pipe_ends[0], &v, 1);
}
static i64 poll_pipe(void) {
    struct pollfd_t p = {pipe_ends[0], 1, 0};
    return sys_poll(&p, 1, -1);
}
static i64 ppoll_pipe(void) {
    struct pollfd_t p = {pipe_ends[0], 1, 0};
    return sys_ppoll(&p, 1, 0, 0, 8);
}
static i64 select_pipe(void) {
    u64 set[16] = {1ULL << pipe_ends[0]};
    return sys_select(16, set, 0, 0, 0);
}
static i64 epoll_pipe(void) {
    struct __attribute__((packed)) {
        u32 events;
        u64 data;
    } event = {1, 0};
    i32 fd = (i32)sys_epoll_create1(0);
    sys_epoll_ctl(fd, 1, pipe_ends[0], &event);
    i64 result = sys_epoll_pwait(fd, &event, 1, -1, 0, 8);
    sys_close(fd);
    return result;
}
static i64 nap(void) {
    struct timespec_t time = {100, 0};
    return sys_nanosleep(&time, &time) == -4 && time.sec >= 90 ? -4 : 1;
}
static i64 clock_nap(void) {
    struct timespec_t time = {100, 0};
    return sys_clock_nanosleep(1, 0, &time, 0);
}
static i64 pause_call(void) { return sys_pause(); }
static i64 suspend(void) {
    u64 none = 0;
    return sys_rt_sigsuspend(&none, 8);
}
static u32 futex_word;
static i64 futex_timed(void) {
    struct timespec_t time = {100, 0};
    return sys_futex(&futex_word, 128, 0, &time, 0, 0);
}
static i64 futex_untimed(void) { return sys_futex(&futex_word, 128, 0, 0, 0, 0); }
static i64 timedwait(void) {
    u64 set = signal_bit(SIGRT);
    return sys_rt_sigtimedwait(&set, 0, 0, 8);
}
static i32 endless;
static i64 wait_child(void) { return sys_wait4(endless, 0, 0, 0); }
static i64 lock_file(void) { return sys_flock((i32)sys_open("lock", O_RDWR, 0600), 2); }
static i64 accept_socket(void) {
    u16 family = 1;  // nothing more: the kernel finds a name that nobody else has
    i32 fd = (i32)sys_socket(1, 1, 0);
    sys_bind(fd, &family, sizeof family);
    sys_listen(fd, 1);
    i64 result = sys_accept(fd, 0, 0);
    sys_close(fd);
    return result;
}
static i64 receive_timed(void) {
    i32 fds[2];
    struct timeval_t timeout = {100, 0};
    sys_socketpair(1, 1, 0, fds);
    sys_setsockopt(fds[0], 1, 20, &timeout, sizeof timeout);
    char byte;
    i64 result = sys_recvfrom(fds[0], &byte, 1, 0, 0, 0);
    sys_close(fds[0]);
    sys_close(fds[1]);
    return result;
}

static void calls(void) {
    for (int restart = 0; restart < 2; ++restart) {
        one("read", restart, 1, read_pipe);
        one("readv", restart, 1, readv_pipe);
        one("poll", restart, 0, poll_pipe);
        one("ppoll", restart, 0, ppoll_pipe);
        one("select", restart, 0, select_pipe);
        one("epoll_pwait", restart, 0, epoll_pipe);
        one("nanosleep", restart, 0, nap);
        one("clock_nanosleep", restart, 0, clock_nap);
        one("pause", restart, 0, pause_call);
        one("rt_sigsuspend", restart, 0, suspend);
        one("rt_sigtimedwait", restart, 0, timedwait);
        one("futex with timeout", restart, 0, futex_timed);
        one("recv with SO_RCVTIMEO", restart, 0, receive_timed);
    }
    one("futex", 0, 0, futex_untimed);
    one("accept", 0, 0, accept_socket);
    endless = (i32)sys_fork();
    if (endless == 0) {
        for (;;) sys_pause();
    }
    one("wait4", 0, 0, wait_child);
    sys_kill(endless, SIGKILL);
    show("wait4", sys_wait4(endless, 0, 0, 0) == endless);
    i32 fd = (i32)sys_open("lock", O_RDWR | O_CREAT, 0600);
    sys_flock(fd, 2);
    one("flock", 0, 0, lock_file);
}

// ---- default actions and busy loops

static i32 status_of(void (*end)(void)) {
    out_flush();
    i32 pid = (i32)sys_fork(), status = 0;
    if (pid == 0) {
        end();
        sys_exit_group(99);
    }
    sys_wait4(pid, &status, 0, 0);
    return status & 0xFF7F;  // without the core flag
}
static volatile u32 spinning;
static void spin(void) {
    for (;;) ++spinning;
}
static void by_term(void) { raise_signal(SIGTERM); }
static void by_segv(void) { raise_signal(SIGSEGV); }
static void by_bus(void) { sys_kill((i32)sys_getpid(), SIGBUS); }
static void by_alarm(void) {
    struct timeval_t timer[2] = {{0, 0}, {0, 10000}};
    sys_setitimer(0, timer, 0);
    spin();
}
static void by_pipe(void) {
    i32 ends[2];
    sys_pipe(ends);
    sys_close(ends[0]);
    sys_write(ends[1], "x", 1);
}
static void reset_by_handler(int signal) { set_handler(signal, SIG_DEFAULT, 0, 0); }
static void by_second(void) {
    set_handler(SIGUSR1, reset_by_handler, 0, 0);
    raise_signal(SIGUSR1);
    raise_signal(SIGUSR1);
}
static void leave(int signal) { sys_exit_group(signal); }
static void leave_from_loop(void) {
    struct timeval_t timer[2] = {{0, 0}, {0, 10000}};
    set_handler(SIGALRM, leave, 0, 0);
    sys_setitimer(0, timer, 0);
    spin();
}
static void segv_ignored(void) {
    set_handler(SIGSEGV, SIG_IGNORE, 0, 0);
    raise_signal(SIGSEGV);
    set_handler(SIGSEGV, count, 0, 0);
    handled = 0;
    raise_signal(SIGSEGV);
    change_mask(SIG_BLOCK, ~0ULL);
    raise_signal(SIGSEGV);
    u64 pending = 0;
    sys_rt_sigpending(&pending, 8);
    int blocked = handled;
    change_mask(SIG_SETMASK, 0);
    sys_exit_group(blocked * 10 + handled + (pending == signal_bit(SIGSEGV) ? 100 : 0));
}
static void defaults(void) {
    show("SIGTERM", status_of(by_term));
    show("SIGSEGV sent", status_of(by_segv));
    show("SIGBUS sent", status_of(by_bus));
    show("SIGALRM in a loop", status_of(by_alarm));
    show("SIGPIPE", status_of(by_pipe));
    show("reset, then default", status_of(by_second));
    show("handler leaves a loop", status_of(leave_from_loop));
    show("SIGSEGV ignored, handled, blocked", status_of(segv_ignored));
    set_handler(SIGUSR1, count, 0, 0);
    handled = 0;
    i32 pid = parent;
    out_flush();
    if (sys_fork() == 0) {
        for (int i = 0; i < 50; ++i) {
            sys_kill(pid, SIGUSR1);
            struct timespec_t moment = {0, 100000};
            sys_nanosleep(&moment, 0);
        }
        sys_exit_group(0);
    }
    while (!handled) ++spinning;
    show("handler during a loop", handled > 0);
    while (sys_wait4(-1, 0, 0, 0) == -4) {}
}

// ---- children

static void children(void) {
    i32 status = 0;
    handled = 0;
    set_handler(SIGCHLD, count, 0, 0);
    u64 none = 0;
    change_mask(SIG_BLOCK, signal_bit(SIGCHLD));
    i32 pid = (i32)sys_fork();
    if (pid == 0) sys_exit_group(3);
    while (!handled) sys_rt_sigsuspend(&none, 8);
    show("SIGCHLD", sys_wait4(pid, &status, 1, 0) == pid);
    show("  status", status);
    change_mask(SIG_SETMASK, 0);
    set_handler(SIGCHLD, SIG_IGNORE, 0, 0);
    pid = (i32)sys_fork();
    if (pid == 0) sys_exit_group(3);
    show("ignored SIGCHLD", sys_wait4(pid, &status, 0, 0));
    set_handler(SIGCHLD, SIG_DEFAULT, 0, 0);
    pid = (i32)sys_fork();
    if (pid == 0) spin();
    sys_kill(pid, SIGSTOP);
    show("stopped", sys_wait4(pid, &status, 2, 0) == pid);
    show("  status", status);
    sys_kill(pid, SIGCONT);
    show("continued", sys_wait4(pid, &status, 8, 0) == pid);
    show("  status", status);
    sys_kill(pid, SIGKILL);
    sys_wait4(pid, &status, 0, 0);
    show("killed", status);
    // Pending signals are not inherited, handlers and masks are.
    set_handler(SIGUSR1, count, 0, 0);
    change_mask(SIG_BLOCK, signal_bit(SIGUSR1));
    raise_signal(SIGUSR1);
    out_flush();
    pid = (i32)sys_fork();
    if (pid == 0) {
        u64 pending = 1;
        sys_rt_sigpending(&pending, 8);
        raise_signal(SIGUSR1);
        int early = handled;
        handled = 0;
        change_mask(SIG_SETMASK, 0);
        sys_exit_group((pending != 0) * 4 + (early == handled) * 2 + (handled == 1));
    }
    sys_wait4(pid, &status, 0, 0);
    show("in the child", status >> 8);
}

int guest_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    parent = (i32)sys_getpid();
    sys_pipe(pipe_ends);
    calls();
    defaults();
    children();
    return 0;
}
