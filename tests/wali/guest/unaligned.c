// SPDX-License-Identifier: Apache-2.0
// Atomic accesses at addresses that are no multiple of their size, as x86 makes them: done; changes are atomic, over
// the end of a cache line or page too.
#include "guest.h"
#include "guest_signal.h"
#include "guest_thread.h"

enum { PAGE = 4096, READ = 1, WRITE = 2, ROUNDS = 500, THREADS = 3 };
static u8 area[3 * PAGE] __attribute__((aligned(4096)));

#define EACH(type, at)                                                                      \
    do {                                                                                    \
        volatile type* p = (volatile type*)(void*)(at);                                     \
        type expected = (type)0x1122334455667788;                                           \
        __atomic_store_n(p, (type)0x1122334455667788, 5);                                   \
        show("load", (i64)__atomic_load_n(p, 5));                                           \
        show("add", (i64)__atomic_fetch_add(p, (type)0x0101010101010101, 5));               \
        show("sub", (i64)__atomic_fetch_sub(p, (type)0x0101010101010102, 5));               \
        show("and", (i64)__atomic_fetch_and(p, (type)0xFFF0FFF0FFF0FFF0, 5));               \
        show("or", (i64)__atomic_fetch_or(p, (type)0x0008000800080008, 5));                 \
        show("xor", (i64)__atomic_fetch_xor(p, (type)0x0F000F000F000F00, 5));               \
        show("exchange", (i64)__atomic_exchange_n(p, (type)0x1122334455667788, 5));         \
        show("compare", __atomic_compare_exchange_n(p, &expected, (type)7, 0, 5, 5));       \
        show("compare again", __atomic_compare_exchange_n(p, &expected, (type)9, 0, 5, 5)); \
        show("  found", (i64)expected);                                                     \
    } while (0)

static void all(void) {
    // In a word; over the end of one, of a cache line, of a page.
    static const int places[] = {1, 3, 7, 61, 63, PAGE - 3, PAGE - 1};
    for (usize i = 0; i < sizeof places / sizeof *places; ++i) {
        show("at", places[i]);
        memset(area, 0xEE, sizeof area);
        EACH(u16, area + places[i]);
        EACH(u32, area + places[i]);
        EACH(u64, area + places[i]);
        show_bytes("beside it", area + places[i] - 1, 10);
    }
}

// ---- threads: nothing is lost. Few rounds, for some machines slow programs down that go over the end of a cache line.

static volatile u32 here;
static void begin_together(void) {
    __atomic_fetch_add(&here, 1, 5);
    while (here < THREADS) sys_sched_yield();
}
static void add(int tid, void* counter) {
    (void)tid;
    begin_together();
    for (int i = 0; i < ROUNDS; ++i) __atomic_fetch_add((volatile u64*)counter, 1, 5);
}
static void swap(int tid, void* counter) {
    (void)tid;
    begin_together();
    for (int i = 0; i < ROUNDS; ++i) {
        // Not by a load, which may see half of a change there.
        u32 old = __atomic_fetch_or((volatile u32*)counter, 0, 5);
        while (!__atomic_compare_exchange_n((volatile u32*)counter, &old, old + 3, 0, 5, 5)) continue;
    }
}
static void together(const char* what, void (*fn)(int, void*), usize place) {
    static struct thread_t threads[THREADS];
    memset(area + place, 0, 8);
    here = 0;
    for (int i = 0; i < THREADS; ++i) start(&threads[i], fn, area + place);
    for (int i = 0; i < THREADS; ++i) join(&threads[i]);
    u64 count;
    memcpy(&count, area + place, 8);
    show(what, (i64)count);
}

// ---- faults: of what cannot be accessed, and the access is made again once that is mended

static u8* pages;
static int page_of_fault;
static void open_page(int signal, struct info_t* info, void* context) {
    (void)signal, (void)context;
    usize address;
    memcpy(&address, &info->pid, sizeof address);
    page_of_fault = (int)((address - (usize)pages) / PAGE);
    if (sys_mprotect(pages + page_of_fault * PAGE, PAGE, READ | WRITE) != 0) sys_exit_group(90);
}
static volatile u64* across(int first, int second) {
    pages = (u8*)(usize)sys_mmap(0, 2 * PAGE, READ | WRITE, 0x22, -1, 0);
    memset(pages + PAGE - 8, 0x11, 16);
    sys_mprotect(pages, PAGE, first);
    sys_mprotect(pages + PAGE, PAGE, second);
    page_of_fault = -1;
    return (volatile u64*)(void*)(pages + PAGE - 3);
}
static void faults(void) {
    set_info_handler(SIGSEGV, open_page, 0, 0);
    show("only readable", (i64)__atomic_load_n(across(READ, READ), 5));
    show("  fault at", page_of_fault);
    show("second page", (i64)__atomic_fetch_add(across(READ | WRITE, READ), 3, 5));
    show("  fault at", page_of_fault);
    show_bytes("  made once", pages + PAGE - 8, 16);
    show("first page", (i64)__atomic_exchange_n(across(0, READ | WRITE), 3, 5));
    show("  fault at", page_of_fault);
    show_bytes("  made once", pages + PAGE - 8, 16);
    u64 expected = 5;
    show("compare", __atomic_compare_exchange_n(across(READ | WRITE, 0), &expected, 8, 0, 5, 5));
    show("  fault at", page_of_fault);
    show_bytes("  not made", pages + PAGE - 8, 16);
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    all();
    together("added, in a word", add, 1);
    together("added, over the end of a cache line", add, 60);
    together("added, over the end of a page", add, PAGE - 4);
    together("swapped, over the end of a cache line", swap, 63);
    together("swapped, over the end of a page", swap, PAGE - 2);
    faults();
    show("futex wait", sys_futex(area + 1, FUTEX_WAIT, 0, 0, 0, 0));
    show("futex wake", sys_futex(area + 1, FUTEX_WAKE, 1, 0, 0, 0));
    return 0;
}
