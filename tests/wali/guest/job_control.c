// SPDX-License-Identifier: Apache-2.0
// A shell with job control, and the jobs it can start. ../job_control.py makes it the leader of a session with a
// terminal, types, and waits for what it reads: so a line is written at once, and after what it tells of has happened.
//   run JOB | start JOB     in the foreground | in the background
//   fg | resume | bg        go on with the job; resume says nothing, for jobs that do
//   wait                    for the job, which stays in the background
//   size | tostop | orphan | session | exit
#include "guest.h"
#include "guest_process.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { SIGQUIT = 3, SIGTTIN = 21, SIGTTOU = 22, SIGWINCH = 28, UNTRACED = 2 };
enum { TCGETS = 0x5401, TCSETS = 0x5402, TIOCSCTTY = 0x540E, TIOCGPGRP = 0x540F, TIOCSPGRP = 0x5410 };
enum { TIOCGWINSZ = 0x5413, TIOCSWINSZ = 0x5414, TIOCNOTTY = 0x5422, TIOCGSID = 0x5429 };
enum { ISIG = 1, ICANON = 2, ECHO = 8, TOSTOP = 0400, O_NOCTTY = 0400 };

static const char* self;
static i32 shell, job, started[2] = {-1, -1};
static const int job_signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
enum { JOB_SIGNALS = sizeof job_signals / sizeof job_signals[0] };

static void say(const char* what, i64 value) {
    show(what, value);
    out_flush();
}
static void say_text(const char* text) {
    print(text);
    out_char('\n');
    out_flush();
}
static i64 hand_over(i32 group) { return sys_ioctl(0, TIOCSPGRP, &group); }
static i64 foreground_of(i32 fd) {
    i32 group = -1;
    i64 r = sys_ioctl(fd, TIOCGPGRP, &group);
    return r < 0 ? r : group;
}
static void say_size(void) {
    u16 size[4];
    sys_ioctl(0, TIOCGWINSZ, size);
    show("rows", size[0]);
    say("columns", size[1]);
}
static void change_modes(u32 clear, u32 toggle) {
    u32 modes[16];
    sys_ioctl(0, TCGETS, modes);
    modes[3] = (modes[3] & ~clear) ^ toggle;
    sys_ioctl(0, TCSETS, modes);
}
// The length without the newline; negative: an error or the end.
static i64 read_line(char* line, i64 room) {
    i64 n = sys_read(0, line, (usize)room - 1);
    if (n <= 0) return n < 0 ? n : -1000;
    if (line[n - 1] == '\n') --n;
    line[n] = 0;
    return n;
}

// ---- jobs. The shell waits until they have began().

static void began(void) {
    sys_close(started[1]);
    started[1] = -1;
}
// In the foreground keys may follow at once, in the background the shell's prompt.
static void begin(const char* text) {
    if (foreground_of(0) == sys_getpid()) began();
    say_text(text);
    began();
}
static void echo(void) {
    char line[100];
    begin("echoing");
    while (read_line(line, sizeof line) > 0) show_text("line", line), out_flush();
    sys_exit_group(3);
}
static void spin(void) {
    begin("spinning");
    for (volatile u32 n = 0;; ++n) {
    }
}
static void echo_in_thread(int tid, void* argument) {
    (void)tid, (void)argument;
    echo();
}
static void pause_in_thread(int tid, void* argument) {
    (void)tid, (void)argument;
    for (;;) sys_pause();
}
static void threads(void) {
    static struct thread_t reader, sleeper;
    start(&sleeper, pause_in_thread, 0);
    start(&reader, echo_in_thread, 0);
    for (volatile u32 n = 0;; ++n) {
    }
}
static void late(void) {
    began();
    say_text("late");
    sys_exit_group(7);
}

static volatile int interrupts;
static void on_interrupt(int signal) {
    (void)signal;
    say("interrupt", ++interrupts);
}
static void on_resize(int signal) {
    (void)signal;
    say_size();
}
static void on_continue(int signal) {
    (void)signal;
    say_text("going on");
}
// As editors do it: puts things in order, and then stops as if there were no handler.
static void on_stop(int signal) {
    say_text("about to stop");
    set_handler(signal, SIG_DEFAULT, 0, 0);
    sys_kill((i32)sys_getpid(), signal);
    change_mask(SIG_UNBLOCK, signal_bit(signal));
    set_handler(signal, on_stop, SA_RESTART, ~0ULL);
}
static void listen(void) {
    char line[100];
    const u64 all = ~0ULL;  // they use the same buffer for what they say
    change_mask(SIG_BLOCK, all);
    set_handler(SIGINT, on_interrupt, SA_RESTART, all);
    set_handler(SIGWINCH, on_resize, SA_RESTART, all);
    set_handler(SIGTSTP, on_stop, SA_RESTART, all);
    set_handler(SIGCONT, on_continue, SA_RESTART, all);
    begin("listening");
    change_mask(SIG_SETMASK, 0);
    for (;;) {
        i64 n = read_line(line, sizeof line);
        if (n >= 0) show_text("line", line);
        say("read", n);
        if (n >= 0) sys_exit_group(4);
    }
}
static void resize(void) {
    u16 size[4] = {50, 132, 0, 0};
    set_handler(SIGWINCH, on_resize, 0, 0);
    began();
    sys_ioctl(0, TIOCSWINSZ, size);
    sys_ioctl(0, TIOCSWINSZ, size);  // nothing changes: no signal
    sys_exit_group(8);
}
static void raw(void) {
    char byte = 0;
    change_modes(ISIG | ICANON | ECHO, 0);
    begin("raw mode");
    for (int i = 0; i < 3; ++i) {
        sys_read(0, &byte, 1);
        say("byte", byte);
    }
    change_modes(0, ISIG | ICANON | ECHO);
    sys_exit_group(9);
}
static void pair(void) {
    began();
    i32 status = 0, partner = (i32)sys_fork();
    if (partner == 0) {
        for (;;) sys_pause();
    }
    set_handler(SIGINT, SIG_IGNORE, 0, 0);
    say_text("both here");
    while (sys_wait4(partner, &status, 0, 0) == -4) {
    }
    say("partner", status);
    sys_exit_group(5);
}
// The terminal, for its own group.
static void take(void) {
    begin("taking");
    say("taken", hand_over((i32)sys_getpid()));
    say("foreground", foreground_of(0) == sys_getpid());
    sys_exit_group(6);
}
// From the background, where the signal for that is blocked, or ignored.
static void borrow(void) {
    began();
    hand_over((i32)sys_getppid());
    change_mask(SIG_BLOCK, signal_bit(SIGTTOU));
    show("blocked", hand_over((i32)sys_getpid()));
    show("foreground", foreground_of(0) == sys_getpid());
    hand_over((i32)sys_getppid());
    set_handler(SIGTTOU, SIG_IGNORE, 0, 0);
    change_mask(SIG_UNBLOCK, signal_bit(SIGTTOU));
    show("ignored", hand_over((i32)sys_getpid()));
    show("foreground", foreground_of(0) == sys_getpid());
    say("no such group", hand_over(1 << 30));
    sys_exit_group(6);
}
static void again(void) {
    char *words[] = {(char*)self, "echo", 0}, *none[] = {0};
    began();
    sys_execve(self, words, none);
    sys_exit_group(10);
}

static const struct {
    const char* name;
    void (*run)(void);
} jobs[] = {{"echo", echo},     {"spin", spin},     {"threads", threads}, {"late", late},
            {"listen", listen}, {"resize", resize}, {"raw", raw},         {"pair", pair},
            {"take", take},     {"borrow", borrow}, {"again", again}};

// ---- the shell

static void default_signals(void) {
    for (int i = 0; i < JOB_SIGNALS; ++i) set_handler(job_signals[i], SIG_DEFAULT, 0, 0);
}
static void become_job(const char* name, int in_foreground) {
    sys_setpgid(0, 0);
    if (in_foreground) hand_over((i32)sys_getpid());
    default_signals();
    for (usize i = 0; i < sizeof jobs / sizeof jobs[0]; ++i) {
        if (same(jobs[i].name, name)) jobs[i].run();
    }
    sys_exit_group(99);
}
static void wait_for_end(i32 fd) {
    char byte;
    while (sys_read(fd, &byte, 1) > 0) {
    }
    sys_close(fd);
}
static void start_job(const char* name, int in_foreground) {
    sys_pipe2(started, O_CLOEXEC);
    job = (i32)(same(name, "again") ? fork_by_vfork() : sys_fork());
    if (job == 0) become_job(name, in_foreground);
    sys_setpgid(job, job);
    sys_close(started[1]);
    wait_for_end(started[0]);
}
static void wait_for_job(void) {
    i32 status = 0;
    while (sys_wait4(-job, &status, UNTRACED, 0) == -4) {
    }
    hand_over(shell);
    if ((status & 0xFF) == 0x7F) return say("stopped", status >> 8 & 0xFF);
    say(status & 0x7F ? "killed" : "exited", status & 0x7F ? status & 0x7F : status >> 8);
}
static void go_on(int in_foreground, const char* text) {
    if (in_foreground) hand_over(job);
    sys_kill(-job, SIGCONT);
    if (text) say_text(text);
    if (in_foreground) wait_for_job();
}

// A group that nobody waits for is not stopped: it is told that it cannot read.
static void orphan(void) {
    i32 ends[2];
    sys_pipe2(ends, 0);
    job = (i32)sys_fork();
    if (job == 0) {
        i32 parent = (i32)sys_getpid();
        if (sys_fork() != 0) sys_exit_group(0);
        sys_setpgid(0, 0);
        default_signals();
        while (sys_getppid() == parent) sys_sched_yield();
        char byte;
        show("orphan reads", sys_read(0, &byte, 1));
        say("takes", hand_over((i32)sys_getpid()));
        sys_exit_group(0);
    }
    sys_close(ends[1]);
    while (sys_wait4(job, 0, 0, 0) == -4) {
    }
    wait_for_end(ends[0]);
}

// In a session of its own, which gets, loses and gets again another terminal.
static char* decimal(char* to, i32 v) {
    if (v > 9) to = decimal(to, v / 10);
    *to++ = (char)('0' + v % 10);
    *to = 0;
    return to;
}
static void lead_session(void) {
    char path[32] = "/dev/pts/";
    i32 zero = 0, number = -1, me = (i32)sys_getpid();
    show("leader", sys_setsid() == me);
    show("no terminal", sys_open("/dev/tty", O_RDWR, 0));
    show("of the other session", foreground_of(0));
    i32 master = (i32)sys_open("/dev/ptmx", O_RDWR | O_NOCTTY, 0);
    sys_ioctl(master, 0x40045431, &zero);
    sys_ioctl(master, 0x80045430, &number);
    decimal(path + 9, number);
    i32 slave = (i32)sys_open(path, O_RDWR, 0);
    show("by opening", foreground_of(slave) == me);
    show_ok("/dev/tty", sys_open("/dev/tty", O_RDWR | O_CLOEXEC, 0));
    i32 session = 0;
    show("session", sys_ioctl(slave, TIOCGSID, &session));
    show("is mine", session == me);
    set_handler(SIGHUP, SIG_IGNORE, 0, 0);
    show("given up", sys_ioctl(slave, TIOCNOTTY, 0));
    show("foreground", foreground_of(slave));
    show("taken", sys_ioctl(slave, TIOCSCTTY, 0));
    show("twice", sys_ioctl(slave, TIOCSCTTY, 0));
    show("another's", sys_ioctl(0, TIOCSCTTY, 0));
    i32 status = 0, child = (i32)sys_fork();
    if (child == 0) {
        sys_setpgid(0, 0);
        change_mask(SIG_BLOCK, signal_bit(SIGTTOU));
        default_signals();
        i32 group = (i32)sys_getpid();
        sys_ioctl(slave, TIOCSPGRP, &group);
        for (;;) sys_pause();
    }
    while (foreground_of(slave) != child) sys_sched_yield();
    sys_write(master, "\x1a", 1);
    sys_wait4(child, &status, UNTRACED, 0);
    show("stopped", status >> 8);
    sys_kill(child, SIGCONT);
    sys_write(master, "\x03", 1);
    sys_wait4(child, &status, UNTRACED, 0);
    say("killed", status);
    sys_exit_group(0);
}
static void new_session(void) {
    job = (i32)sys_fork();
    if (job == 0) lead_session();
    while (sys_wait4(job, 0, 0, 0) == -4) {
    }
}

static void obey(const char* line) {
    if (starts_with(line, "run ")) {
        start_job(line + 4, 1);
        wait_for_job();
    } else if (starts_with(line, "start ")) {
        start_job(line + 6, 0);
    } else if (same(line, "fg")) {
        go_on(1, "foreground");
    } else if (same(line, "resume")) {
        go_on(1, 0);
    } else if (same(line, "bg")) {
        go_on(0, "background");
    } else if (same(line, "wait")) {
        wait_for_job();
    } else if (same(line, "size")) {
        say_size();
    } else if (same(line, "tostop")) {
        change_modes(0, TOSTOP);
    } else if (same(line, "orphan")) {
        orphan();
    } else if (same(line, "session")) {
        new_session();
    } else if (same(line, "exit")) {
        sys_exit_group(17);
    } else {
        say_text("no such command");
    }
}

int guest_main(int argc, char** argv) {
    char line[100];
    self = argv[0];
    if (argc > 1) become_job(argv[1], 0);
    shell = (i32)sys_getpid();
    show("leads its session", sys_getsid(0) == shell);
    say("has the terminal", foreground_of(0) == shell);
    for (int i = 0; i < JOB_SIGNALS; ++i) set_handler(job_signals[i], SIG_IGNORE, 0, 0);
    for (;;) {
        print("$ ");
        out_flush();
        if (read_line(line, sizeof line) < 0) return 1;
        obey(line);
    }
}
