// SPDX-License-Identifier: Apache-2.0
// A thousand threads at once; then rounds in which threads map memory and fork while the first thread forks, children
// start threads of their own, and a timer's signals strike wherever they like. Argument: how many rounds; `tools/soak`
// runs many, and looks at this process from outside whenever it says "round".
#include "guest.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { THOUSAND = 1000, WORKERS = 3, PAGE = 4096, PER_REPORT = 100 };
static struct thread_t threads[THOUSAND];
static volatile u32 gate, arrived, work, ticks;
static u32 wrong;

static void stand(int tid, void *argument) {
    if (tid != (int)sys_gettid() || argument != &gate) __atomic_fetch_add(&wrong, 1, 5);
    __atomic_fetch_add(&arrived, 1, 5);
    wake(&arrived, 1);
    wait_for(&gate, 1);
}
static void thousand(void) {
    for (int i = 0; i < THOUSAND; ++i) {
        if (start(&threads[i], stand, (void *)&gate) <= 0) ++wrong;
    }
    wait_for(&arrived, THOUSAND);
    show("at once", arrived);
    for (int i = 1; i < THOUSAND; ++i) {
        if (sys_tkill(threads[i].tid, 0) != 0 || threads[i].tid == threads[i - 1].tid) ++wrong;
    }
    __atomic_store_n(&gate, 1, 5);
    wake(&gate, THOUSAND);
    for (int i = 0; i < THOUSAND; ++i) join(&threads[i]);
    show("wrong", wrong);
}

static void tick(int signal) {
    (void)signal;
    __atomic_fetch_add(&ticks, 1, 5);
}
static i32 status_of_child(i32 pid) {
    i32 status = -1;
    while (sys_wait4(pid, &status, 0, 0) == -4) {}
    return status >> 8;
}
static void map_and_unmap(int tid, void *argument) {
    (void)tid;
    (void)argument;
    for (int i = 0; i < 10; ++i) {
        u8 *pages = (u8 *)(usize)sys_mmap(0, 3 * PAGE, 3, 0x22, -1, 0);
        pages[0] = pages[3 * PAGE - 1] = 1;
        if (pages[PAGE] != 0) __atomic_fetch_add(&wrong, 1, 5);
        sys_munmap(pages + PAGE, PAGE);
        sys_munmap(pages, 3 * PAGE);
        __atomic_fetch_add(&work, 1, 5);
    }
}
static void fork_too(int tid, void *argument) {
    (void)tid;
    (void)argument;
    i32 pid = (i32)sys_fork();
    if (pid == 0) sys_exit_group(7);
    if (status_of_child(pid) != 7) __atomic_fetch_add(&wrong, 1, 5);
}
static void as_child(void) {
    work = 0;
    for (int i = 0; i < 2; ++i) start(&threads[THOUSAND - 1 - i], map_and_unmap, 0);
    for (int i = 0; i < 2; ++i) join(&threads[THOUSAND - 1 - i]);
    sys_exit_group(work == 20 ? 42 : 1);
}
static void round_of(void) {
    work = 0;
    for (int i = 0; i < WORKERS; ++i) start(&threads[i], map_and_unmap, 0);
    start(&threads[WORKERS], fork_too, 0);
    i32 pid = (i32)sys_fork();
    if (pid == 0) as_child();
    if (status_of_child(pid) != 42) ++wrong;
    for (int i = 0; i <= WORKERS; ++i) join(&threads[i]);
    if (work != 10 * WORKERS) ++wrong;
}

int guest_main(int argc, char **argv) {
    int rounds = 0;
    for (const char *c = argc > 1 ? argv[1] : "20"; *c; ++c) rounds = rounds * 10 + (*c - '0');
    thousand();
    set_handler(SIGALRM, tick, SA_RESTART, 0);
    i64 every[4] = {0, 1000, 0, 1000};
    show("timer", sys_setitimer(0, every, 0));
    for (int i = 1; i <= rounds; ++i) {
        round_of();
        if (i % PER_REPORT == 0) {
            show("round", i);
            out_flush();
        }
    }
    show("wrong", wrong);
    return wrong != 0;
}
