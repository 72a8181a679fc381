// SPDX-License-Identifier: Apache-2.0
// A program that leaves the page at NULL unused, and says so: what it finds there is what a native program finds.
#include "guest.h"
#include "guest_jump.h"
#include "guest_signal.h"

enum { PAGE = 4096 };

#ifdef __wasm__
__asm__(".section .custom_section.wali.null_page,\"\",@\n.int32 4096\n.text");
#endif

static jump_t back;
static struct info_t seen;
static u8* volatile null;  // nobody else knows that it is

static void leave(int signal, struct info_t* info, void* context) {
    (void)context;
    seen = *info;
    jump(&back, signal);
}
static void load(void) { (void)*(volatile u8*)(null + 8); }
static void store(void) { *(volatile i32*)null = 7; }
static void last_byte(void) { (void)*(volatile u8*)(null + PAGE - 1); }
static void fault(const char* name, void (*make)(void)) {
    int signal = set_jump(&back);
    if (signal == 0) make();
    show(name, signal);
    show("  code", seen.code);
    show("  address", (u32)seen.pid);  // where it is in a fault
}

static void faults(void) {
    set_info_handler(SIGSEGV, leave, SA_NODEFER, 0);
    fault("load", load);
    fault("store", store);
    fault("the page's last byte", last_byte);
    set_handler(SIGSEGV, SIG_DEFAULT, 0, 0);
}

static void calls(void) {
    show("fstat to NULL", sys_fstat(0, 0));
    show("fstat to 1", sys_fstat(0, null + 1));
    show("write from 16", sys_write(1, null + 16, 5));
    show("open of 1", sys_open((const char*)(null + 1), 0, 0));
    u8 byte = 0;
    show("mincore", sys_mincore(null, PAGE, &byte));
    show("mprotect", sys_mprotect(null, PAGE, 3));
    show("munmap", sys_munmap(null, PAGE));
    show("madvise", sys_madvise(null, PAGE, 4));
    show("mremap", sys_mremap(null, PAGE, 2 * PAGE, 1, 0));
}

// None of all the pages there are is that one.
static void fill(void) {
    int found = 0;
    for (i64 at = 1 << 30; at >= PAGE; at /= 2) {
        for (int i = 0; i < 4; ++i) found |= sys_mmap(0, at, 0, 0x4022, -1, 0) == 0;
    }
    show("mapped at NULL", found);
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    faults();
    calls();
    out_flush();
    i32 status = 0, pid = (i32)sys_fork();
    if (pid == 0) {
        faults();
        fill();
        out_flush();
        store();
        sys_exit_group(0);
    }
    sys_wait4(pid, &status, 0, 0);
    show("child", status & 0x7F);
    return 0;
}
