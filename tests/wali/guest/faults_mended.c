// SPDX-License-Identifier: Apache-2.0
// Handlers of faults that return: the access is made again, and succeeds once the handler has mended what was wrong.
// That is how programs page in, or notice writes.
#include "guest.h"
#include "guest_jump.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { PAGE = 4096, PAGES = 40, READ = 1, WRITE = 2 };

static u8* area;
static volatile u32 entered;
static jump_t out;

// The page that was accessed.
static u8* address_of(struct info_t* info) {
    usize address;
    memcpy(&address, &info->pid, sizeof address);
    return (u8*)(address & ~(usize)(PAGE - 1));
}

static u8* fresh(int pages, int protection) { return (u8*)(usize)sys_mmap(0, pages * PAGE, protection, 0x22, -1, 0); }
static void open_page(int signal, struct info_t* info, void* context) {
    (void)signal, (void)context;
    ++entered;
    if (sys_mprotect(address_of(info), PAGE, READ | WRITE) != 0) sys_exit_group(90);
}
// Brings a page in: its bytes say which one it is.
static void page_in(int signal, struct info_t* info, void* context) {
    open_page(signal, info, context);
    u8* page = address_of(info);
    memset(page, (int)((usize)(page - area) / PAGE) + 1, PAGE);
}
static void map_page(int signal, struct info_t* info, void* context) {
    (void)signal, (void)context;
    ++entered;
    u8* page = address_of(info);
    if (sys_mmap(page, PAGE, READ | WRITE, 0x32, -1, 0) != (i64)(usize)page) sys_exit_group(91);
    *page = 77;
}
static i32 file;
static void lengthen(int signal, struct info_t* info, void* context) {
    (void)signal, (void)info, (void)context;
    ++entered;
    sys_ftruncate(file, 2 * PAGE);
}

static void show_entered(const char* what, i64 value) {
    show(what, value);
    show("  handler ran", entered);
    entered = 0;
}

static void once(void) {
    set_info_handler(SIGSEGV, open_page, 0, 0);
    area = fresh(1, 0);
    show_entered("read", *(volatile u8*)(area + 5));
    area = fresh(1, READ);
    *(volatile u8*)(area + 7) = 9;
    show_entered("write", area[7]);
    area = fresh(2, 0);
    *(volatile u64*)(area + PAGE - 4) = 0x1122334455667788ULL;
    show_entered("write across pages", *(volatile u32*)(area + PAGE));
    area = fresh(1, READ);
    show_entered("atomic", __atomic_fetch_add((u32*)area, 3, 5));
    show_entered("  made once", *(volatile u32*)area);
    area = fresh(1, READ);
    u32 none = 0;
    show_entered("compare and swap", __atomic_compare_exchange_n((u32*)area, &none, 8, 0, 5, 5));
    show_entered("  made once", *(volatile u32*)area);
    area = fresh(1, READ);
    for (volatile u32* p = (volatile u32*)area; p < (volatile u32*)area + 4;) *p++ += 5;
    show_entered("add in place", ((u32*)area)[0] + ((u32*)area)[3]);
    area = fresh(1, 0);
    *(volatile double*)(area + 8) += 1.5;
    show_entered("floating point", (i64)(*(volatile double*)(area + 8) * 10));
    set_info_handler(SIGSEGV, map_page, 0, 0);
    area = fresh(3, READ | WRITE) + PAGE;
    sys_munmap(area, PAGE);
    show_entered("what is gone", *(volatile u8*)area);
    set_info_handler(SIGBUS, lengthen, 0, 0);
    file = (i32)sys_open("short", O_RDWR | O_CREAT, 0600);
    sys_ftruncate(file, PAGE);
    area = (u8*)(usize)sys_mmap(0, 2 * PAGE, READ | WRITE, 1, file, 0);
    *(volatile u8*)(area + PAGE + 3) = 4;
    show_entered("past a file's end", area[PAGE + 3]);
}

// Page by page, with much in hand.
static u64 sum(const volatile u8* at, usize n) {
    u64 a = 1, b = 2, c = 3, d = 4;
    double x = 0.5, y = 0.25;
    for (usize i = 0; i < n; i += 64) {
        a += at[i], b ^= at[i] * a, c = c * 31 + b, d += c >> 7;
        x += at[i], y += x * 0.5;
    }
    return a ^ b ^ c ^ d ^ (u64)x ^ (u64)y;
}
static void by_page(void) {
    set_info_handler(SIGSEGV, page_in, 0, 0);
    area = fresh(PAGES, 0);
    show_entered("sum", (i64)(sum(area, PAGES * PAGE) & 0xFFFFFFFF));
    area = fresh(PAGES, 0);
    u8* copy = fresh(PAGES, READ | WRITE);
    __builtin_memcpy(copy + 100, area, PAGES * PAGE - 200);
    show_entered("copied from", (i64)(sum(copy, PAGES * PAGE) & 0xFFFFFFFF));
    set_info_handler(SIGSEGV, open_page, 0, 0);
    u8* to = fresh(PAGES, READ);
    __builtin_memcpy(to, copy, PAGES * PAGE);
    print("copied to");
    show("", (i64)(sum(to, PAGES * PAGE) & 0xFFFFFFFF));
    show("  handler ran for each page", entered == PAGES);
    entered = 0;
    to = fresh(PAGES, READ);
    __builtin_memset(to, 6, PAGES * PAGE);
    show("filled", (i64)(sum(to, PAGES * PAGE) & 0xFFFFFFFF));
    show("  handler ran for each page", entered == PAGES);
    entered = 0;
}

// ---- what else handlers do

static void slowly(int signal, struct info_t* info, void* context) {
    if (entered < 4) {
        ++entered;
        return;
    }
    open_page(signal, info, context);
}
static volatile i32 noted;
static void note(int signal) { noted = noted * 100 + signal; }
static void mend_with_signals(int signal, struct info_t* info, void* context) {
    raise_signal(SIGUSR1);  // blocked until this returns
    show("  meanwhile", noted);
    open_page(signal, info, context);
}
static void mend_and_block(int signal, struct info_t* info, void* context) {
    open_page(signal, info, context);
    *(u64*)((u8*)context + MASK_IN_CONTEXT) |= signal_bit(SIGTERM);
}
static void mend_after_fork(int signal, struct info_t* info, void* context) {
    i32 status = 0, child = (i32)sys_fork();
    if (child != 0) sys_wait4(child, &status, 0, 0);
    open_page(signal, info, context);
    if (child != 0) show("  child", status);
}
static u8* second;
static void fault_inside(int signal, struct info_t* info, void* context) {
    if (address_of(info) == area) second[1] = (u8)(second[2] + 1);
    open_page(signal, info, context);
}
static void leave_at_last(int signal, struct info_t* info, void* context) {
    (void)info, (void)context;
    if (++entered == 1000) jump(&out, signal);
}
static void more(void) {
    set_info_handler(SIGSEGV, slowly, 0, 0);
    area = fresh(1, READ);
    area[0] = 1;
    show_entered("at the fifth time", area[0]);
    set_handler(SIGUSR1, note, 0, 0);
    set_info_handler(SIGSEGV, mend_with_signals, 0, signal_bit(SIGUSR1));
    area = fresh(1, 0);
    area[0] = 1;
    show_entered("with a signal", noted);
    set_info_handler(SIGSEGV, mend_and_block, 0, 0);
    area = fresh(1, 0);
    area[0] = 1;
    show_entered("mask from the frame", (i64)current_mask());
    change_mask(SIG_SETMASK, 0);
    set_info_handler(SIGSEGV, fault_inside, SA_NODEFER, 0);
    area = fresh(1, 0), second = fresh(1, 0);
    area[0] = 1;
    show_entered("inside a handler", second[1]);
    set_info_handler(SIGSEGV, leave_at_last, 0, 0);
    area = fresh(1, 0);
    if (set_jump_mask(&out, 1) == 0) area[0] = 1;
    show_entered("never mended", 0);
    set_info_handler(SIGSEGV, open_page, SA_RESETHAND, 0);
    area[0] = 1;
    struct action_t old;
    sys_rt_sigaction(SIGSEGV, 0, &old, 8);
    show_entered("only once", old.handler == 0);
    static u8 alternate[16384] __attribute__((aligned(16)));
    struct stack_t stack = {(usize)alternate, 0, sizeof alternate};
    sys_sigaltstack(&stack, 0);
    set_info_handler(SIGSEGV, open_page, SA_ONSTACK, 0);
    area = fresh(1, 0);
    area[0] = 1;
    show_entered("on another stack", area[0]);
    set_info_handler(SIGSEGV, mend_after_fork, 0, 0);
    area = fresh(1, 0);
    i32 me = (i32)sys_getpid();
    out_flush();
    area[0] = 1;
    if (sys_getpid() != me) sys_exit_group((int)entered + 40);
    show_entered("with a child", area[0]);
}

static void touch_all(int tid, void* result) {
    (void)tid;
    u8* mine = fresh(PAGES, 0);
    for (int i = 0; i < PAGES * PAGE; i += 128) mine[i] = (u8)(mine[i] + i / PAGE);
    *(u32*)result = (u32)sum(mine, PAGES * PAGE);
}
static void in_threads(void) {
    static struct thread_t threads[4];
    static u32 results[4];
    set_info_handler(SIGSEGV, open_page, 0, 0);
    for (int i = 0; i < 4; ++i) start(&threads[i], touch_all, &results[i]);
    for (int i = 0; i < 4; ++i) join(&threads[i]);
    show("in threads", results[0]);
    for (int i = 1; i < 4; ++i) show("  the same", results[i] == results[0]);
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    once();
    by_page();
    more();
    in_threads();
    return 0;
}
