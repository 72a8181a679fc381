// SPDX-License-Identifier: Apache-2.0
// A limit on the address space that the program sets for itself: it holds, threads still start, children and programs
// they execute have it. And the most mappings a process may have: more are refused, and nothing else suffers.
// Run with an argument, it is such a program.
#include "guest.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { AS = 9, PAGE = 4096, GIB = 1 << 30 };
#define FOREVER 0xFFFFFFFFFFFFFFFFULL

static void show_limit(const char *what) {
    u64 limit[2] = {1, 1};
    show(what, sys_getrlimit(AS, limit));
    show("  soft", (i64)limit[0]);
    show("  hard", (i64)limit[1]);
}
static void do_nothing(int tid, void *argument) { *(int *)argument = tid; }
static void start_one(void) {
    static struct thread_t thread;
    static int tid;
    start(&thread, do_nothing, &tid);
    join(&thread);
    show("thread", tid > 0);
}
static i64 map(u64 bytes) { return sys_mmap(0, bytes, 3, 0x4022, -1, 0); }
static void show_map(const char *what, i64 at) {
    show(what, at < 0 && at > -4096 ? at : 0);
    if (at >= 0 || at < -4096) show("  munmap", sys_munmap(at, PAGE));
}
static void in_child(void (*what)(char *), char *self) {
    out_flush();
    i64 pid = sys_fork();
    if (pid == 0) {
        what(self);
        out_flush();
        sys_exit_group(0);
    }
    i32 status = -1;
    sys_wait4(pid, &status, 0, 0);
    show("child", status);
}

static void run_shell(char *self) {
    (void)self;
    char *words[] = {"sh", "-c", "ulimit -v; ulimit -Hv", 0}, *none[] = {0};
    sys_execve("/bin/sh", words, none);
}
static void run_self(char *self) {
    char *words[] = {"limits", "child", 0}, *none[] = {0};
    show("execve nothing", sys_execve("/no/such/program", words, none));
    show_map("still", map(GIB / 4));
    out_flush();
    sys_execve(self, words, none);
}
static void as_nobody(char *self) {
    (void)self;
    u64 limit[2] = {GIB, GIB}, more[2] = {GIB, FOREVER};
    show_ok("setresuid", sys_setresuid(65534, 65534, 65534));
    show("lower", sys_setrlimit(AS, limit));
    show("raise", sys_setrlimit(AS, more));
    char *words[] = {"x", 0}, *none[] = {0};
    show("execve nothing", sys_execve("/no/such/program", words, none));
    start_one();
}
static void limited(char *self) {
    u64 limit[2] = {GIB, FOREVER}, wrong[2] = {2, 1}, old[2];
    show("wrong", sys_setrlimit(AS, wrong));
    show("null", sys_setrlimit(AS, 0));
    show("get null", sys_getrlimit(AS, 0));
    show("unknown", sys_getrlimit(99, old));
    show("set", sys_prlimit64(0, AS, limit, old));
    show("  before", old[0] == FOREVER);
    show_limit("get");
    show("prlimit64 by pid", sys_prlimit64(sys_getpid(), AS, 0, old));
    show("  soft", (i64)old[0]);
    show_map("too much", map(GIB + (GIB / 2)));
    show_map("enough", map(GIB / 2));
    start_one();
    in_child(run_shell, self);
    in_child(run_self, self);
    in_child(as_nobody, self);
    limit[0] = FOREVER;
    show("no more", sys_setrlimit(AS, limit));
    show_map("enough", map(GIB + (GIB / 4)));
}

static void crowded(char *self) {
    (void)self;
    enum { MANY = 100000 };
    i64 all = sys_mmap(0, 2 * MANY * PAGE, 0, 0x4022, -1, 0);
    i64 result = 0;
    int done = 0;
    for (; done < MANY && result == 0; ++done) result = sys_mprotect((usize)all + 2 * PAGE * (usize)done, PAGE, 1);
    show("too many mappings", result);
    show("  a fair number", done > 20000);
    show("munmap in the middle", sys_munmap((usize)all + 21 * PAGE, PAGE));
    i32 fd = (i32)sys_open("file", O_RDWR | O_CREAT, 0600);
    show("write", sys_write(fd, "text", 4));
    show("munmap all", sys_munmap(all, 2 * MANY * PAGE));
    show_map("room again", map(PAGE));
    start_one();
}

// Limits on private writable memory and on the stack: the runtime's own are neither.
static void data_and_stack(char *self) {
    (void)self;
    u64 data[2] = {64 << 20, 64 << 20}, stack[2] = {256 << 10, 1 << 20}, old[2] = {0, 0};
    show("data", sys_setrlimit(2, data));
    show_map("too much of it", map(128 << 20));
    i64 at = sys_mmap(0, 128 << 20, 1, 0x4022, -1, 0);
    show_ok("read-only", at < 0 && at > -4096 ? at : 0);
    show("  no longer", sys_mprotect(at, 128 << 20, 3));
    show("stack", sys_setrlimit(3, stack));
    show("get", sys_getrlimit(3, old));
    show("  soft", (i64)old[0]);
    show("  hard", (i64)old[1]);
    start_one();
    char *words[] = {"sh", "-c", "ulimit -d; ulimit -s; ulimit -Hs", 0}, *none[] = {0};
    out_flush();
    sys_execve("/bin/sh", words, none);
}

int guest_main(int argc, char **argv) {
    if (argc > 1) {
        show_limit("program");
        show_map("too much", map(GIB + (GIB / 2)));
        return 0;
    }
    in_child(limited, argv[0]);
    in_child(crowded, argv[0]);
    in_child(data_and_stack, argv[0]);
    return 0;
}
