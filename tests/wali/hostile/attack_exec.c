// SPDX-License-Identifier: Apache-2.0
// What reaches the next program, and what is looked at before there is one. The program executes itself, as "module".
#include "attack.h"

static char path[1000], text[8192];

static int copy_file(const char* from, const char* to) {
    static char bytes[65536];
    i64 in = sys_open(from, O_RDONLY, 0), out = sys_open(to, O_CREAT | O_WRONLY | O_TRUNC, 0755), n;
    while ((n = sys_read(in, bytes, sizeof bytes)) > 0) sys_write(out, bytes, n);
    sys_close(in);
    return (int)sys_close(out);
}
static void write_script(const char* name, const char* script) {
    i64 fd = sys_open(name, O_CREAT | O_WRONLY | O_TRUNC, 0755);
    sys_write(fd, script, length(script));
    sys_close(fd);
}
// The status of the program, or 100 when it could not be executed.
static int run(const char* file, u32* argv, u32* envp) {
    i32 pid = (i32)sys_fork(), status = 0;
    if (pid == 0) {
        sys_dup2(sys_open("/dev/null", O_WRONLY, 0), 1);
        sys_dup2(1, 2);
        sys_execve(file, argv, envp);
        sys_exit_group(100);
    }
    sys_wait4(pid, &status, 0, 0);
    return status >> 8;
}
#define WORD(s) ((u32)(usize)(s))

// A module whose name reads like an option of the runtime's own.
static int option_as_name(void) {
    u32 argv[] = {WORD("x"), WORD("name"), 0};
    copy_file("module", "--version");
    return run("--version", argv, 0) == 42 ? CONTAINED : REACHED;
}
static int option_as_argument(void) {
    u32 argv[] = {WORD("--version"), WORD("option"), WORD("--version"), 0};
    return run("module", argv, 0) == 42 ? CONTAINED : REACHED;
}
// A variable that becomes two on the other side.
static int variable_in_variable(void) {
    u32 argv[] = {WORD("x"), WORD("environment"), 0};
    u32 envp[] = {WORD("A=x\nINJECTED=1"), WORD("B=y"), 0};
    return run("module", argv, envp) == 42 ? CONTAINED : REACHED;
}
static int descriptor_after_exec(void) {
    char command[] = "test -e /proc/self/fd/0000";
    u32 argv[] = {WORD("sh"), WORD("-c"), WORD(command), 0};
    i32 pid = (i32)sys_fork(), status = 0;
    if (pid == 0) {  // what it has goes to the next program, not to its child
        i64 n = own_descriptor();
        for (int i = 0; i < 4; ++i, n /= 10) command[sizeof command - 2 - (usize)i] = (char)('0' + n % 10);
        char* number = command + sizeof command - 5;
        while (*number == '0') {  // no leading zeros
            for (char* p = number; *p; ++p) *p = p[1];
        }
        sys_execve("/bin/sh", argv, 0);
        sys_exit_group(100);
    }
    sys_wait4(pid, &status, 0, 0);
    return status >> 8 == 1 ? CONTAINED : REACHED;
}
static int script_of_itself(void) {
    u32 argv[] = {WORD("circle"), 0};
    write_script("circle", "#!circle\n");
    return run("circle", argv, 0) == 100 ? CONTAINED : REACHED;
}
// Not to be opened: that would wait for a writer.
static int fifo(void) {
    u32 argv[] = {WORD("fifo"), 0};
    sys_mknod("fifo", 010755, 0);
    return run("fifo", argv, 0) == 100 ? CONTAINED : REACHED;
}
// Vectors without an end, or without a string.
static int endless_arguments(void) {
    u32 bytes = 64 << 20;
    u32* argv = (u32*)(usize)sys_mmap(0, bytes, 3, 0x22, -1, 0);
    for (u32 i = 0; i < bytes / 4; ++i) argv[i] = WORD("x");
    return run("/bin/true", argv, 0) == 100 ? CONTAINED : REACHED;
}
static int giant_argument(void) {
    u32 bytes = 64 << 20;
    char* word = (char*)(usize)sys_mmap(0, bytes, 3, 0x22, -1, 0);
    for (u32 i = 0; i < bytes - 1; i += 1) word[i] = 'x';
    u32 argv[] = {WORD("module"), WORD(word), 0};
    return run("module", argv, 0) == 100 ? CONTAINED : REACHED;
}

// A process is made while another thread is about to map something: its copy of the books is nobody's to wait for.
static volatile u32 stop;
static void map_and_unmap(int tid, void* argument) {
    (void)tid, (void)argument;
    while (!stop) sys_munmap(sys_mmap(0, 65536, 3, 0x22, -1, 0), 65536);
}
static int ticks = 60000;  // of a millisecond or more: until a child counts as stuck
static int fork_amid_mappings(void) {
    static struct thread_t thread;
    start(&thread, map_and_unmap, 0);
    for (int i = 0; i < 100; ++i) {
        i32 pid = (i32)sys_fork(), status = 0;
        if (pid == 0) sys_exit_group(sys_munmap(sys_mmap(0, 4096, 3, 0x22, -1, 0), 4096) != 0);
        struct timespec_t tick = {0, 1000000};
        for (int k = 0; sys_wait4(pid, &status, 1, 0) == 0; ++k) {
            if (k == ticks) return REACHED;
            sys_nanosleep(&tick, 0);
        }
        if (status != 0) return REACHED;
    }
    stop = 1;
    return CONTAINED;
}

// The program's own path leads to memory, when /proc/self/exe is opened.
static int own_path_as_link(void) {
    u32 argv[] = {WORD("x"), WORD("link"), 0};
    copy_file("module", "own");
    return run("own", argv, 0) == 42 ? CONTAINED : REACHED;
}
static int link_own_path(void) {
    char bytes[4] = {0};
    sys_unlink("own");
    sys_symlink("/proc/self/mem", "own");
    i64 fd = sys_open("/proc/self/exe", O_RDWR, 0);
    return fd >= 0 && sys_pread64(fd, bytes, 4, runtime_image()) == 4 && is_elf(bytes) ? 1 : 42;
}

// Another thread puts memory, which it has found and cannot open, where a file is looked into.
static volatile u32 stolen;
static u64 image;
static void exchange(int tid, void* found) {
    (void)tid;
    while (!stop) {
        for (i32 fd = 4; fd < 7; ++fd) sys_dup2(*(i32*)found, fd);
        for (i32 fd = 4; fd < 7; ++fd) sys_close(fd);
    }
}
static void grab(int tid, void* argument) {
    (void)tid, (void)argument;
    while (!stop) {
        for (i32 fd = 4; fd < 9; ++fd) {
            char bytes[4] = {0};
            if (sys_pread64(fd, bytes, 4, image) == 4 && is_elf(bytes)) stolen = 1;
        }
    }
}
static int exchange_what_is_executed(void) {
    static struct thread_t exchanger, grabber;
    static i32 found;
    u32 argv[] = {WORD("x"), 0};
    image = runtime_image();
    write_script("garbage", "garbage");
    while ((found = (i32)sys_open("/proc/self/mem", O_PATH, 0)) < 3) continue;
    start(&exchanger, exchange, &found);
    start(&grabber, grab, 0);
    for (int i = 0; i < 1500 && !stolen; ++i) sys_execve("garbage", argv, 0);
    stop = 1;
    return stolen ? REACHED : CONTAINED;
}

static int next_program(char** argv) {
    if (same(argv[1], "link")) return link_own_path();
    if (!same(argv[1], "environment")) return 42;
    if (!wali_envfile(path, sizeof path)) return 1;
    i64 fd = sys_open(path, O_RDONLY, 0);
    i64 n = sys_read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    for (const char* p = text; *p; ++p) {
        if (starts_with(p, "\nINJECTED=1")) return 1;
    }
    return starts_with(text, "B=y") ? 42 : 1;
}

static const struct attack attacks[] = {
    {"option as a name", option_as_name, 0},
    {"variable in a variable", variable_in_variable, 0},
    {"descriptor after exec", descriptor_after_exec, 0},
    {"script of itself", script_of_itself, 0},
    {"fifo", fifo, 0},
    {"own path as a link", own_path_as_link, 0},
    {"exchange what is executed", exchange_what_is_executed, 0},
    {"fork amid mappings", fork_amid_mappings, 0},
};
// No defence that could be taken out stands against these.
static const struct attack others[] = {
    {"endless arguments", endless_arguments, 0},
    {"option as an argument", option_as_argument, 0},
    {"giant argument", giant_argument, 0},
};

int guest_main(int argc, char** argv) {
    if (argc > 1 && !same(argv[1], "weak")) return next_program(argv);
    copy_file(argv[0], "module");
    if (argc > 1) ticks = 1000;  // without the defence it is
    RUN(attacks);
    if (argc == 1) RUN(others);
    return 0;
}
