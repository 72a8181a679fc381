// SPDX-License-Identifier: Apache-2.0
// Attack: opening the memory of the runtime as a file, by every name it has, alone and in a race with another thread.
// The runtime refuses what the file is, not how it is called; other files of /proc stay open to the guest.
#include "guest.h"
#include "guest_thread.h"

static char *decimal(char *to, i64 v) {
    char digits[20];
    int n = 0;
    do digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n) *to++ = digits[--n];
    *to = 0;
    return to;
}
static char *append(char *to, const char *text) {
    while (*text) *to++ = *text++;
    *to = 0;
    return to;
}

// Only memory can be positioned below zero.
static int is_memory(i64 fd) { return sys_lseek(fd, -8192, 0) == -8192; }

static void attempt(const char *what, i64 fd) {
    show(what, fd < 0 ? fd : is_memory(fd) ? 666 : 0);
    if (fd >= 0) sys_close(fd);
}

static void by_name(void) {
    char path[64];
    attempt("self", sys_open("/proc/self/mem", O_RDWR, 0));
    attempt("reading", sys_open("/proc/self/mem", O_RDONLY, 0));
    attempt("dots", sys_open("/proc/self/fd/../../self//mem", O_RDWR, 0));
    attempt("thread-self", sys_open("/proc/thread-self/mem", O_RDWR, 0));
    append(decimal(append(path, "/proc/"), sys_getpid()), "/mem");
    attempt("pid", sys_open(path, O_RDWR, 0));
    append(decimal(append(path, "/proc/self/task/"), sys_gettid()), "/mem");
    attempt("task", sys_open(path, O_RDWR, 0));
    attempt("creating", sys_open("/proc/self/mem", O_RDWR | O_CREAT, 0600));
    attempt("creat", sys_creat("/proc/self/mem", 0600));
    attempt("nofollow", sys_open("/proc/self/mem", O_RDWR | O_NOFOLLOW, 0));
    u64 how[3] = {O_RDWR, 0, 0};
    attempt("openat2", sys_openat2(AT_FDCWD, "/proc/self/mem", how, sizeof how));
}

static void by_detour(void) {
    char path[64];
    sys_symlink("/proc/self/mem", "innocent");
    attempt("link", sys_open("innocent", O_RDWR, 0));
    sys_symlink("innocent", "more-innocent");
    attempt("link to link", sys_openat(AT_FDCWD, "more-innocent", O_RDWR | O_CREAT, 0600));
    i64 dir = sys_open("/proc/self", O_RDONLY | O_DIRECTORY, 0);
    attempt("folder", sys_openat(dir, "mem", O_RDWR, 0));
    u64 how[3] = {O_RDWR, 0, 8};
    attempt("beneath folder", sys_openat2(dir, "mem", how, sizeof how));
    i64 here = sys_open(".", O_RDONLY | O_DIRECTORY, 0);
    sys_fchdir(dir);
    attempt("working folder", sys_open("mem", O_RDWR, 0));
    sys_fchdir(here);
    i64 found = sys_open("/proc/self/mem", O_PATH, 0);
    show("found only", found >= 0);
    decimal(append(path, "/proc/self/fd/"), found);
    attempt("descriptor", sys_open(path, O_RDWR, 0));
    show("read", sys_pread64(found, path, 8, 0));
    // A child's memory holds a runtime as well.
    i32 p[2];
    sys_pipe(p);
    i64 child = sys_fork();
    if (child == 0) {
        sys_read(p[0], path, 1);
        sys_exit_group(0);
    }
    append(decimal(append(path, "/proc/"), child), "/mem");
    attempt("child", sys_open(path, O_RDWR, 0));
    sys_write(p[1], "x", 1);
    sys_wait4(child, 0, 0, 0);
    sys_close(p[0]), sys_close(p[1]), sys_close(found), sys_close(dir), sys_close(here);
}

// Looks like memory until it is opened; who may open it depends on the user.
static i64 parameter(void) {
    i64 fd = sys_open("/proc/sys/fs/protected_hardlinks", O_RDONLY, 0);
    if (fd >= 0) sys_close(fd);
    return fd < 0 ? fd : 0;
}

static void harmless(void) {
    static i64 alone = 1;
    if (alone > 0) alone = parameter();
    show("parameter of the kernel", parameter() == alone);
    attempt("status", sys_open("/proc/self/status", O_RDONLY, 0));
    attempt("maps", sys_open("/proc/self/maps", O_RDONLY, 0));
    attempt("comm", sys_open("/proc/self/comm", O_RDWR, 0));
    i64 environ = sys_open("/proc/self/environ", O_RDONLY, 0);  // positioned alike, but cannot be written
    show("environ", is_memory(environ));
    sys_close(environ);
    attempt("cpuinfo", sys_open("/proc/cpuinfo", O_RDONLY, 0));
    attempt("none", sys_open("/proc/self/memory", O_RDONLY, 0));
    attempt("null", sys_open("/dev/null", O_RDWR, 0));
    // Descriptor numbers are the lowest free ones, whatever has been checked in between.
    i64 a = sys_open("/dev/null", O_RDWR, 0), b = sys_open("/dev/null", O_RDWR, 0);
    show("numbers", b - a);
    sys_close(a);
    show("number again", sys_open("/dev/null", O_RDWR, 0) - a);
    sys_close(a), sys_close(b);
}

// ---- the race --------------------------------------------------------------------------------------------------------

static struct thread_t swapper, user;
static volatile u32 over, used;

// Exchanges the name "victim" between an ordinary file and a link to memory.
static void swap(int tid, void *argument) {
    (void)tid, (void)argument;
    while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST)) {
        sys_renameat2(AT_FDCWD, "victim", AT_FDCWD, "trap", 2);
    }
}
// Tries the descriptors that main might be opening.
static void use(int tid, void *argument) {
    (void)tid, (void)argument;
    while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST)) {
        for (i32 fd = 3; fd < 8; ++fd) {
            if (is_memory(fd)) __atomic_store_n(&used, 1, __ATOMIC_SEQ_CST);
        }
        for (i32 fd = 1016; fd < 1024; ++fd) {
            if (is_memory(fd)) __atomic_store_n(&used, 1, __ATOMIC_SEQ_CST);
            sys_dup2(0, fd);
            sys_close(fd);
        }
    }
}

static void race(void) {
    sys_close(sys_open("victim", O_RDWR | O_CREAT, 0600));
    sys_symlink("/proc/self/mem", "trap");
    show("threads", start(&swapper, swap, 0) > 0 && start(&user, use, 0) > 0);
    int memory = 0, opened = 0, refused = 0, other = 0;
    // Until both have been seen; on a busy machine that takes longer.
    for (int i = 0; i < 3000 || ((!opened || !refused) && i < 3000000); ++i) {
        i64 fd = sys_open("victim", i % 2 ? O_RDWR : O_RDWR | O_CREAT, 0600);
        if (fd == -13) {
            ++refused;
        } else if (fd < 0) {
            ++other;
        } else {
            ++opened;
            memory += is_memory(fd);
            sys_close(fd);
        }
    }
    __atomic_store_n(&over, 1, __ATOMIC_SEQ_CST);
    join(&swapper);
    join(&user);
    show("both happened", opened > 0 && refused > 0);
    show("other errors", other);
    show("memory opened", memory);
    show("memory used meanwhile", used);
}

// With another thread about, files are opened in another way: it must look the same.
static void with_company(void) {
    sys_unlink("dangling"), sys_unlink("made");
    sys_symlink("made", "dangling");
    sys_mkdir("folder", 0755);
    attempt("create through link", sys_open("dangling", O_RDWR | O_CREAT, 0600));
    attempt("made", sys_open("made", O_RDWR, 0));
    attempt("exclusive", sys_open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600));
    attempt("nofollow", sys_open("dangling", O_RDWR | O_NOFOLLOW, 0));
    attempt("create nofollow", sys_open("dangling", O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    attempt("folder to write", sys_open("folder", O_RDWR, 0));
    attempt("folder to create", sys_open("folder", O_RDONLY | O_CREAT, 0600));
    attempt("folder", sys_open("folder", O_RDONLY | O_DIRECTORY, 0));
    attempt("not a folder", sys_open("made", O_RDONLY | O_DIRECTORY, 0));
    attempt("new", sys_open("folder/new", O_RDWR | O_CREAT | O_TRUNC, 0600));
    attempt("temporary", sys_open("folder", O_RDWR | 020200000, 0600));
    attempt("none", sys_open("none", O_RDWR, 0));
    attempt("null path", sys_open(0, O_RDWR | O_CREAT, 0));
    attempt("empty path", sys_open("", O_RDWR | O_CREAT, 0));
    attempt("terminal", sys_open("/dev/ptmx", O_RDWR | 0400, 0));
    sys_symlink("circle", "circle");
    attempt("circle", sys_open("circle", O_RDWR | O_CREAT, 0600));
}

static struct thread_t sleeper;
static volatile u32 morning;
static void sleep_till_morning(int tid, void *argument) {
    (void)tid, (void)argument;
    wait_for(&morning, 1);
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    by_name();
    by_detour();
    harmless();
    print("with a second thread\n");
    show("thread", start(&sleeper, sleep_till_morning, 0) > 0);
    by_name();
    by_detour();
    harmless();
    with_company();
    __atomic_store_n(&morning, 1, __ATOMIC_SEQ_CST);
    wake(&morning, 1);
    join(&sleeper);
    race();
    return 0;
}
