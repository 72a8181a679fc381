// SPDX-License-Identifier: Apache-2.0
// What is defined to differ from a native program: guest/without_twin.txt says how.
#include "guest.h"

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
    show("  munmap behind it", sys_munmap(page + 4096, 4096));
    return 0;
}
