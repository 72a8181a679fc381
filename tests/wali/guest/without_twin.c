// SPDX-License-Identifier: Apache-2.0
// What is defined to differ from a native program: guest/without_twin.txt says how.
#include "guest.h"
#include "guest_thread.h"

static struct thread_t sleeper;
static volatile u32 morning;
static void sleep_till_morning(int tid, void *argument) {
    (void)tid, (void)argument;
    wait_for(&morning, 1);
}

// With no room beyond the limit, a process with several threads has one number less below it.
static void all_numbers(void) {
    u64 limit[2] = {64, 64};
    show("limit", sys_setrlimit(7, limit));
    show_ok("thread", start(&sleeper, sleep_till_morning, 0));
    int taken = 0, otherwise = 0;
    for (i32 n = 3; n < 64; ++n) {
        i64 r = sys_dup2(1, n);
        if (r == -9) ++taken;
        if (r != n && r != -9) ++otherwise;
    }
    show("taken", taken);
    show("otherwise", otherwise);
    __atomic_store_n(&morning, 1, __ATOMIC_SEQ_CST);
    wake(&morning, 1);
    join(&sleeper);
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    // A libc must find that there is no heap below its mappings: brk never moves.
    show("brk", sys_brk(0));
    show("brk beyond", sys_brk(8192));
    // Handlers return through the engine, never through a frame that a guest could forge.
    show("rt_sigreturn", sys_rt_sigreturn(0));
    // Kept by the runtime, whatever the kernel has.
    i64 page = sys_mmap(0, 8192, 3, 0x22, -1, 0);
    show("mseal flags", sys_mseal(page, 4096, 1));
    show("mseal of a hole", sys_mseal(page, 1 << 30, 0));
    show("mseal beyond the end", sys_mseal(page, -4095, 0));
    show("mseal", sys_mseal(page, 4096, 0));
    show("  munmap", sys_munmap(page, 8192));
    show("  mprotect", sys_mprotect(page, 4096, 1));
    show("  mremap", sys_mremap(page, 4096, 8192, 1, 0));
    show("  mmap over it", sys_mmap(page, 4096, 3, 0x32, -1, 0));
    *(volatile u8 *)(usize)page = 5;
    show("  written", *(volatile u8 *)(usize)page);
    show("  munmap after it", sys_munmap(page + 4096, 4096));
    all_numbers();
    return 0;
}
