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
    return 0;
}
