// SPDX-License-Identifier: Apache-2.0
// Memory that processes share: a file that each has mapped for itself, and anonymous memory across fork. What one
// writes, the others have at once, also through the file; futexes in it wake across processes.
#include "guest.h"
#include "guest_process.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { PAGE = 4096, PAGES = 4, READ = 1, WRITE = 2, SHARED = 1, ANONYMOUS = 0x20, ROUNDS = 500, PROCESSES = 4 };

// Futexes between processes: without the private flag.
static i64 sleep_on(volatile u32* word, u32 value) { return sys_futex(word, 0, value, 0, 0, 0); }
static void wake_on(volatile u32* word) { sys_futex(word, 1, 1 << 30, 0, 0, 0); }
static void set(volatile u32* word, u32 value) {
    __atomic_store_n(word, value, 5);
    wake_on(word);
}
static void until(volatile u32* word, u32 value) {
    for (u32 now = __atomic_load_n(word, 5); now != value; now = __atomic_load_n(word, 5)) sleep_on(word, now);
}
static i32 status_of(i32 pid) {
    i32 status = 0;
    while (sys_wait4(pid, &status, 0, 0) == -4) {
    }
    return status;
}
static volatile u32* map_file(int protection) {
    i32 fd = (i32)sys_open("shared", O_RDWR | O_CREAT, 0600);
    sys_ftruncate(fd, PAGES * PAGE);
    i64 at = sys_mmap(0, PAGES * PAGE, protection, SHARED, fd, 0);
    sys_close(fd);
    return (volatile u32*)(usize)at;
}

// ---- back and forth, each on a mapping of its own

static void answer(volatile u32* word) {
    for (u32 i = 0; i < ROUNDS; ++i) {
        until(word, 2 * i + 1);
        word[100] += i;
        set(word, 2 * i + 2);
    }
}
static void ask(const char* what, volatile u32* word) {
    for (u32 i = 0; i < ROUNDS; ++i) {
        word[101] += i;
        set(word, 2 * i + 1);
        until(word, 2 * i + 2);
    }
    show(what, word[0]);
    show("  theirs", word[100]);
    show("  mine", word[101]);
}
static void back_and_forth(const char* self) {
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        sys_mmap(0, 3 * PAGE, READ, 0x22, -1, 0);  // so that it lies elsewhere
        answer(map_file(READ | WRITE));
        sys_exit_group(0);
    }
    volatile u32* mine = map_file(READ | WRITE);
    ask("forked", mine);
    show("  status", status_of(pid));
    mine[0] = mine[100] = mine[101] = 0;
    pid = fork_by_vfork();
    if (pid == 0) {
        char *words[] = {(char*)self, "answer", 0}, *none[] = {0};
        sys_execve(self, words, none);
        sys_exit_group(9);
    }
    ask("executed", mine);
    show("  status", status_of(pid));
    sys_munmap((void*)mine, PAGES * PAGE);
}

// ---- the file itself

static void through_the_file(void) {
    volatile u32 *mapped = map_file(READ | WRITE), *read_only = map_file(READ);
    i32 fd = (i32)sys_open("shared", O_RDWR, 0);
    u32 value = 0x1234;
    sys_pwrite64(fd, &value, 4, PAGE + 8);
    show("written", mapped[PAGE / 4 + 2]);
    show("  seen twice", read_only[PAGE / 4 + 2]);
    mapped[PAGE / 4 + 2] = 0x4321;
    sys_pread64(fd, &value, 4, PAGE + 8);
    show("read", value);
    show("  seen twice", read_only[PAGE / 4 + 2]);
    // Private copies stay as they are.
    volatile u32* private = (volatile u32*)(usize)sys_mmap(0, PAGE, READ | WRITE, 2, fd, PAGE);
    private[2] = 7;
    mapped[PAGE / 4 + 2] = 8;
    show("private", private[2]);
    show("sync", sys_msync((void*)mapped, PAGES * PAGE, 4));
    // A page that another process cuts off and gives back is new.
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        sys_ftruncate(fd, PAGE);
        sys_ftruncate(fd, PAGES * PAGE);
        sys_exit_group(0);
    }
    show("cut off", status_of(pid));
    show("  what was there", mapped[PAGE / 4 + 2]);
    sys_close(fd);
}

// ---- other pages of the file where some are mapped

static i64 remap(volatile u32* at, usize bytes, usize page) { return sys_remap_file_pages((void*)at, bytes, 0, page, 0); }
static void show_pages(const char* what, volatile u32* at) {
    print(what);
    for (int i = 0; i < PAGES; ++i) show(" ", at[i * PAGE / 4]);
}
static void other_pages(void) {
    volatile u32 *plain = map_file(READ | WRITE), *mapped = map_file(READ | WRITE);
    for (u32 i = 0; i < PAGES; ++i) plain[i * PAGE / 4] = 10 + i;
    show("two, turned", remap(mapped, 2 * PAGE, 2));
    show_pages("pages", mapped);
    show("back", remap(mapped + 2 * PAGE / 4, 2 * PAGE + 9, 0));
    show_pages("pages", mapped);
    mapped[0] = 99;
    show("written", plain[2 * PAGE / 4]);
    show("across parts", remap(mapped, 4 * PAGE, 0));
    show_pages("pages", mapped);
    show("unmapped in part", sys_munmap((void*)(mapped + PAGE / 4), PAGE));
    show("over a gap", remap(mapped, 3 * PAGE, 1));
    show("one page", remap((volatile u32*)((usize)mapped + 5), PAGE, 3));
    show("  is", mapped[0]);
    show("protected", sys_mprotect((void*)mapped, PAGE, READ));
    show("read only", remap(mapped, PAGE, 1));
    show("  is", mapped[0]);
    show("nothing", remap(mapped, 5, 0));
    show("with access", sys_remap_file_pages((void*)mapped, PAGE, READ, 0, 0));
    void* private = (void*)(usize)sys_mmap(0, PAGE, READ | WRITE, 2 | ANONYMOUS, -1, 0);
    show("private", remap(private, PAGE, 0));
    sys_munmap(private, PAGE);
    show("nowhere", remap(private, PAGE, 0));
    sys_munmap((void*)mapped, PAGES * PAGE);
    sys_munmap((void*)plain, PAGES * PAGE);
}

// ---- anonymous memory, before and after mremap; many processes add to it

static void add(volatile u32* words) {
    for (int i = 0; i < 2000; ++i) __atomic_fetch_add(&words[1], 1, 5);
    sys_exit_group(0);
}
static void across_fork(void) {
    volatile u32* words = (volatile u32*)(usize)sys_mmap(0, PAGE, READ | WRITE, SHARED | ANONYMOUS, -1, 0);
    volatile u32* own = (volatile u32*)(usize)sys_mmap(0, PAGE, READ | WRITE, 2 | ANONYMOUS, -1, 0);
    own[0] = 5;
    i32 pids[PROCESSES];
    for (int i = 0; i < PROCESSES; ++i) {
        pids[i] = (i32)sys_fork();
        if (pids[i] == 0) own[0] = 6, add(words);
    }
    for (int i = 0; i < PROCESSES; ++i) show("process", status_of(pids[i]));
    show("added", words[1]);
    show("own", own[0]);
    // A child of a child, which hands over what it has to its grandparent.
    words[2] = 0;
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        if (sys_fork() == 0) {
            words[3] = 77;
            set(&words[2], 1);
            sys_exit_group(0);
        }
        sys_exit_group(0);
    }
    until(&words[2], 1);
    show("grandchild", words[3]);
    show("  status", status_of(pid));
}

// ---- waiting in an atomic instruction, with signals meanwhile: it goes on

static volatile u32 gate, handled, waiting, waited;
static void count(int signal) {
    (void)signal;
    ++handled;
}
#ifdef __wasm__
static int wait_at(volatile u32* word, i64 nanoseconds) {
    return __builtin_wasm_memory_atomic_wait32((int*)word, 0, nanoseconds);
}
static int notify_at(volatile u32* word) { return (int)__builtin_wasm_memory_atomic_notify((int*)word, 9); }
#else
static int wait_at(volatile u32* word, i64 nanoseconds) {
    struct timespec_t until;
    sys_clock_gettime(1, &until);
    until.sec += (until.nsec + nanoseconds) / 1000000000;
    until.nsec = (until.nsec + nanoseconds) % 1000000000;
    for (;;) {
        i64 r = sys_futex(word, 9 | 128, 0, (usize)(nanoseconds < 0 ? 0 : &until), 0, ~0u);  // FUTEX_WAIT_BITSET
        if (r != -4) return r == -110 ? 2 : r == -11 ? 1 : 0;
    }
}
static int notify_at(volatile u32* word) { return (int)sys_futex(word, 1 | 128, 9, 0, 0, 0); }
#endif
static void wait_in_thread(int tid, void* result) {
    (void)tid;
    waiting = 1;
    *(int*)result = wait_at(&gate, -1);
    waited = 1;
}
static void atomic_wait(void) {
    static struct thread_t thread;
    static int result = -1;
    set_handler(SIGUSR1, count, 0, 0);
    start(&thread, wait_in_thread, &result);
    while (!waiting) sys_sched_yield();
    for (u32 i = 1; i <= 200; ++i) {
        sys_tkill(thread.tid, SIGUSR1);
        while (__atomic_load_n(&handled, 5) < i) sys_sched_yield();
    }
    show("handled", handled);
    show("  still waits", waited == 0);
    int woken = 0;
    while ((woken = notify_at(&gate)) == 0) sys_sched_yield();
    join(&thread);
    show("woken", woken);
    show("  result", result);
    show("not equal", (gate = 1, wait_at(&gate, -1)));
    gate = 0;
    struct timeval_t often[2] = {{0, 1000}, {0, 1000}}, none[2] = {{0, 0}, {0, 0}};
    set_handler(SIGALRM, count, 0, 0);
    sys_setitimer(0, often, 0);
    show("timed out", wait_at(&gate, 30000000));
    sys_setitimer(0, none, 0);
    // Default actions end it.
    out_flush();
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        struct timeval_t soon[2] = {{0, 0}, {0, 5000}};
        set_handler(SIGALRM, SIG_DEFAULT, 0, 0);
        sys_setitimer(0, soon, 0);
        wait_at(&gate, -1);
    }
    show("ended", status_of(pid));
}

int guest_main(int argc, char** argv) {
    if (argc > 1) {
        answer(map_file(READ | WRITE));
        return 0;
    }
    back_and_forth(argv[0]);
    through_the_file();
    other_pages();
    across_fork();
    atomic_wait();
    return 0;
}
