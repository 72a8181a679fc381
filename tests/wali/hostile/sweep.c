// SPDX-License-Identifier: Apache-2.0
// Bad pointers in every pointer argument of every call, one at a time: what the kernel says natively must come back.
// Built for this machine too, and compared.
#include "sweep_call.h"
#include "sweep_table.h"

enum { PAGE = 4096, NONE = 0, READ = 1, READ_WRITE = 3, STRUCTURE = 256 };

// Where a pointer may point to.
static u64 pages;  // writable, inaccessible, constant, and nothing
enum place { NULL_POINTER, ODD, EDGE, FORBIDDEN, CONSTANT, ACROSS, NOWHERE, WRAPS, PLACES };
static const char* const place_names[] = {"null", "odd", "edge", "forbidden", "constant", "across", "nowhere", "wraps"};
static i64 address(enum place place) {
    switch (place) {
        case NULL_POINTER:
            return 0;
        case ODD:
            return (i64)(pages + 2049);
        case EDGE:
            return (i64)(pages + PAGE - 3);
        case FORBIDDEN:
            return (i64)(pages + PAGE);
        case CONSTANT:
            return (i64)(pages + 2 * PAGE);
        case ACROSS:
            return (i64)(pages + 3 * PAGE - 5);
        case NOWHERE:
            return 0x7FFFF000;
        default:
            return (i64)0xFFFFFFF9;
    }
}

static i64 make(const struct sweep_call* c, i32 fd, usize bad, i64 pointer, i64 bytes) {
    i64 arguments[ARGUMENTS];
    for (usize i = 0; i < ARGUMENTS; ++i) memset(scratch[i], 0, STRUCTURE);
    memset((void*)(usize)address(ODD), 0, STRUCTURE);
    memset((void*)(usize)address(EDGE), 'f', 3);  // a string without an end
    good_arguments(c, fd, bytes, arguments);
    arguments[bad] = pointer;
    const i64 result = make_call(c, arguments);
    return result < 0 ? result : 0;
}

static void sweep_argument(const struct sweep_call* c, const char* kind, i32 fd, usize argument, i64 bytes) {
    print(c->name);
    if (kind) {
        out_char(' ');
        print(kind);
    }
    out_char(' ');
    print_number((i64)argument);
    if (bytes) {
        out_char('x');
        print_number(bytes);
    }
    for (int place = 0; place < PLACES; ++place) {
        out_char(' ');
        print(place_names[place]);
        out_char('=');
        print_number(make(c, fd, argument, address((enum place)place), bytes));
    }
    out_char('\n');
}

static const i64 lengths[] = {8, 4096, 0x7FFFFFF0};
static int length_count = 3;

static void sweep(const struct sweep_call* c) {
    int takes_descriptor = 0, takes_length = 0;
    for (const char* r = c->roles; *r; ++r) takes_descriptor |= *r == 'f', takes_length |= *r == 'n';
    for (usize i = 0; c->roles[i]; ++i) {
        if (c->roles[i] != 'p' && c->roles[i] != 's') continue;
        for (int l = 0; l < (takes_length ? length_count : 1); ++l) {
            for (int k = 0; k < (takes_descriptor ? KINDS : 1); ++k) {
                sweep_argument(c, takes_descriptor ? kind_names[k] : 0, descriptors[k], i,
                               takes_length ? lengths[l] : 0);
            }
        }
    }
}

int guest_main(int argc, char** argv) {
    (void)argv;
    // Where the runtime checks pointers, a buffer that is longer than the memory is bad as a whole.
    if (argc > 1) length_count = 2;
    pages = (u64)sys_mmap(0, 4 * PAGE, READ_WRITE, 0x22, -1, 0);
    sys_mprotect(pages + PAGE, PAGE, NONE);
    sys_mprotect(pages + 2 * PAGE, PAGE, READ);
    sys_munmap(pages + 3 * PAGE, PAGE);
    survive_waiting();
    open_descriptors();
    for (usize n = 0; n < sizeof sweep_calls / sizeof *sweep_calls; ++n) sweep(&sweep_calls[n]);
    return 0;
}
