// SPDX-License-Identifier: Apache-2.0
// fork, exit statuses, waiting, and execve of programs, scripts and of this very program. Run with arguments, it is
// such a child: it prints what it has been given.
#include "guest.h"
#include "guest_process.h"
#include "guest_signal.h"

static char *no_environment[] = {0};

static void show_status(const char *what, i32 status) {
    print(what);
    if ((status & 0x7F) == 0) {
        show(": exited", status >> 8);
    } else {
        show(": killed", status & 0x7F);
    }
}
static i32 finish(i32 pid) {
    i32 status = 0;
    if (sys_wait4(pid, &status, 0, 0) != pid) print("wait4 failed\n");
    return status;
}

// Runs it in a child; prints what execve answers when it fails.
static void run(const char *what, const char *path, char **argv, char **envp) {
    out_flush();
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        show(what, sys_execve(path, argv, envp));
        out_flush();
        sys_exit_group(77);
    }
    show_status(what, finish(pid));
}

static void write_file(const char *path, const char *text, usize size, i32 mode) {
    i32 fd = (i32)sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    sys_write(fd, text, size);
    sys_fchmod(fd, mode);
    sys_close(fd);
}

static void exits(void) {
    const int codes[] = {0, 1, 42, 255, 256, -1};
    for (int i = 0; i < 6; ++i) {
        out_flush();
        i32 pid = (i32)sys_fork();
        if (pid == 0) {
            if (i % 2) sys_exit(codes[i]);
            sys_exit_group(codes[i]);
        }
        show("code", codes[i]);
        show_status("  ", finish(pid));
    }
    show("wait4, none left", sys_wait4(-1, 0, 0, 0));
    show("wait4, bad options", sys_wait4(-1, 0, 0x1000, 0));
    out_flush();
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        // Memory is the child's own from here on, and so is what it does next.
        memset(no_environment, 0, sizeof no_environment);
        i32 grandchild = (i32)sys_fork();
        if (grandchild == 0) sys_exit_group(5);
        sys_exit_group((finish(grandchild) >> 8) + 1);
    }
    show_status("grandchild", finish(pid));
    pid = (i32)sys_fork();
    if (pid == 0) sys_exit_group(sys_getppid() == 1 ? 1 : 0);
    struct info_t info = {0};
    show("waitid", sys_waitid(1, pid, &info, 4, 0));
    show("  signal", info.signal);
    show("  code", info.code);
    show("  pid", info.pid == pid);
    show("  status", info.value);
    out_flush();
    pid = fork_by_vfork();
    if (pid == 0) sys_exit_group(6);
    show_status("vfork", finish(pid));
}

static void errors(char *self) {
    char *argv[] = {"x", 0};
    run("missing", "nothing-here", argv, no_environment);
    run("empty", "", argv, no_environment);
    run("folder", ".", argv, no_environment);
    run("through a file", "plain/x", argv, no_environment);
    write_file("plain", "text", 4, 0600);
    run("not executable", "plain", argv, no_environment);
    write_file("odd", "text", 4, 0700);
    run("no format", "odd", argv, no_environment);
    write_file("empty", "", 0, 0700);
    run("empty file", "empty", argv, no_environment);
    run("null path", 0, argv, no_environment);
    run("bad argv", self, (char **)0x7FFFFFF0, no_environment);
    run("bad envp", self, argv, (char **)0x7FFFFFF0);
    char *bad[] = {"x", (char *)0x7FFFFFF0, 0};
    run("bad argument", self, bad, no_environment);
    static char name[5000];
    memset(name, 'a', 4999);
    run("long name", name, argv, no_environment);
    write_file("loop", "#!./loop\n", 9, 0700);
    run("script of itself", "./loop", argv, no_environment);
    write_file("lost", "#!/no/such/interpreter\n", 23, 0700);
    run("script of nothing", "./lost", argv, no_environment);
}

static void programs(char *self) {
    char *echo[] = {"/bin/echo", "from", "echo", 0};
    run("program", "/bin/echo", echo, no_environment);
    char *shell[] = {"sh", "-c", "echo \"$A\" \"$0\"; exit 9", "zero", 0};
    char *environment[] = {"A=two\nlines", "B=", 0};
    run("shell", "/bin/sh", shell, environment);
    write_file("script", "#!/bin/sh -e\necho script $0 $1\nfalse\necho not here\n", 51, 0700);
    char *script[] = {"ignored", "one", 0};
    run("script", "./script", script, no_environment);
    // This program again: it reports arguments, environment, descriptors, mask and ignored signals.
    char *child[] = {"a name", "child", "", "two words", "-x", 0};
    char *variables[] = {"PLAIN=value", "EMPTY=", "EQUALS=a=b", 0};
    run("self", self, child, variables);
    char *only_name[] = {"name", "child", 0};
    run("self, no environment", self, only_name, no_environment);
    run("self, null environment", self, only_name, 0);
    // As the interpreter of a script, by absolute path.
    static char text[600] = "#!";
    usize n = length(self);
    memcpy(text + 2, self, n);
    memcpy(text + 2 + n, " child\n", 8);
    write_file("own", text, n + 9, 0700);
    char *own[] = {"ignored", "more", 0};
    run("script of self", "./own", own, no_environment);
}

// The program's own file, whoever runs it.
static void own_file(char *self) {
    char path[4096], pid[40] = "/proc/";
    i64 n = sys_readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    show("link", same(path, self));
    show("  cut", sys_readlink("/proc/self/exe", path, 5));
    show("  nothing", sys_readlink("/proc/self/exe", path, 0));
    show("  null", sys_readlink("/proc/self/exe", 0, 100));
    show("  at", sys_readlinkat(-1, "/proc/thread-self/exe", path, 4));
    char digits[12];
    int d = 0;
    usize at = 6;
    for (i64 v = sys_getpid(); v; v /= 10) digits[d++] = (char)('0' + v % 10);
    while (d) pid[at++] = digits[--d];
    memcpy(pid + at, "/exe", 5);
    show("  by number", sys_readlink(pid, path, 6));
    struct stat_t by_link, by_name;
    i64 fd = sys_open("/proc/self/exe", O_RDONLY, 0);
    show("open", sys_fstat(fd, &by_link) + sys_stat(self, &by_name));
    show("  the same", by_link.ino == by_name.ino && by_link.dev == by_name.dev);
    sys_close(fd);
    char *words[] = {"a name", "child", "more", 0}, *variables[] = {"A=b", 0};
    run("execve", "/proc/self/exe", words, variables);
    // Through it the process stays the process.
    out_flush();
    i32 child = (i32)sys_fork();
    if (child == 0) {
        char number[12], *who[] = {"who", "who", number, 0};
        for (d = 0, at = 0; d < 12; ++d) digits[d] = 0;
        d = 0;
        for (i64 v = sys_getpid(); v; v /= 10) digits[d++] = (char)('0' + v % 10);
        while (d) number[at++] = digits[--d];
        number[at] = 0;
        sys_execve(self, who, no_environment);
    }
    show_status("process number", finish(child));
}

static void leave(int signal) { sys_exit_group(signal); }
static void inherited(char *self) {
    out_flush();
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        i32 kept = (i32)sys_open("plain", O_RDONLY, 0), closed = (i32)sys_open("plain", O_RDONLY | O_CLOEXEC, 0);
        sys_dup2(kept, 60);
        sys_fcntl(closed, 0, 61);
        sys_dup3(closed, 62, O_CLOEXEC);
        sys_close(kept);
        sys_close(closed);
        set_handler(SIGUSR1, SIG_IGNORE, 0, 0);
        set_handler(SIGSEGV, SIG_IGNORE, 0, 0);
        set_handler(SIGUSR2, leave, 0, 0);
        change_mask(SIG_BLOCK, signal_bit(SIGTERM) | signal_bit(SIGBUS) | signal_bit(SIGRT));
        sys_umask(027);
        sys_mkdir("below", 0700);
        sys_chdir("below");
        char *argv[] = {"child", "state", 0};
        sys_execve(self, argv, no_environment);
        sys_exit_group(77);
    }
    show_status("inherited", finish(pid));
    // A failed execve changes nothing.
    set_handler(SIGSEGV, SIG_IGNORE, 0, 0);
    char *argv[] = {"x", 0};
    change_mask(SIG_BLOCK, signal_bit(SIGSEGV));
    show("fails", sys_execve("nothing", argv, no_environment));
    raise_signal(SIGSEGV);
    show("  mask", (i64)current_mask());
    change_mask(SIG_SETMASK, 0);
    raise_signal(SIGSEGV);
    set_handler(SIGSEGV, SIG_DEFAULT, 0, 0);
}

static void report_state(void) {
    show("60 open", sys_fcntl(60, 1, 0) >= 0);
    show("61 open", sys_fcntl(61, 1, 0) >= 0);
    show("62", sys_fcntl(62, 1, 0));
    struct action_t action;
    sys_rt_sigaction(SIGUSR1, 0, &action, 8);
    show("SIGUSR1 ignored", action.handler == (usize)SIG_IGNORE);
    sys_rt_sigaction(SIGSEGV, 0, &action, 8);
    show("SIGSEGV ignored", action.handler == (usize)SIG_IGNORE);
    sys_rt_sigaction(SIGUSR2, 0, &action, 8);
    show("SIGUSR2 default", action.handler == 0);
    show("mask", (i64)current_mask());
    show("umask", sys_umask(0));
    char path[4096];
    i64 size = sys_getcwd(path, sizeof path);
    show_text("folder", path + size - 6);
}

int guest_main(int argc, char **argv) {
    if (argc > 1 && same(argv[1], "child")) {
        for (int i = 0; i < argc; ++i) show_text("argument", argv[i][0] == '/' ? "(own path)" : argv[i]);
        print_environment();
        return 3;
    }
    if (argc > 2 && same(argv[1], "who")) {
        i64 number = 0;
        for (const char *c = argv[2]; *c; ++c) number = number * 10 + (*c - '0');
        return number == sys_getpid() ? 5 : 6;
    }
    if (argc > 1 && same(argv[1], "state")) {
        report_state();
        return 4;
    }
    exits();
    errors(argv[0]);
    programs(argv[0]);
    inherited(argv[0]);
    own_file(argv[0]);
    return 0;
}
