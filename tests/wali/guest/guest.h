// SPDX-License-Identifier: Apache-2.0
// What the test programs of this folder share. The same source is compiled for wasm32 against the imports of module
// "wali", and for this machine against the kernel; what it prints and how it ends must be the same. So: print errors
// as they come (negative), never addresses, times, ids or anything else that differs between two runs.
//
// A program defines `int guest_main(int argc, char** argv)`. sys_NAME is the system call (wali_calls.h).
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef short i16;
typedef int i32;
typedef long long i64;
typedef __SIZE_TYPE__ usize;

#ifdef __wasm__
#define IMPORT(name) __attribute__((import_module("wali"), import_name(name)))
IMPORT("__init") int wali_init(void);
IMPORT("__deinit") int wali_deinit(void);
IMPORT("__proc_exit") void wali_proc_exit(int);
IMPORT("__cl_get_argc") int wali_argc(void);
IMPORT("__cl_get_argv_len") int wali_argv_len(int);
IMPORT("__cl_copy_argv") int wali_copy_argv(char*, int);
IMPORT("__get_init_envfile") int wali_envfile(char*, int);
#else
extern long syscall(long, ...);
extern int* __errno_location(void);
extern char* getenv(const char*);
// With the variable WALI_TALLY, a file: three bytes a call. It succeeded; it failed; it is not allowed here.
static u8* tally;
static inline void open_tally(void) {
    const char* path = getenv("WALI_TALLY");
    long fd = path ? syscall(2, path, 2L) : -1;
    if (fd < 0) return;
    tally = (u8*)syscall(9, 0L, 4096L, 3L, 1L, fd, 0L);
    syscall(3, fd);
}
static inline i64 native_call(long nr, long a, long b, long c, long d, long e, long f) {
    long r = syscall(nr, a, b, c, d, e, f);
    i64 result = r == -1 ? -*__errno_location() : r;
    if (tally) {
        tally[nr * 3 + (r == -1)] = 1;
        if (result == -1 || result == -38 || result == -95) tally[nr * 3 + 2] = 1;
    }
    return result;
}
#endif
#include "wali_calls.h"

// ---- bytes ---------------------------------------------------------------------------------------------------------

#ifdef __wasm__
void* memset(void* to, int byte, usize n) {
    for (usize i = 0; i < n; ++i) ((volatile u8*)to)[i] = (u8)byte;
    return to;
}
void* memcpy(void* restrict to, const void* restrict from, usize n) {
    for (usize i = 0; i < n; ++i) ((volatile u8*)to)[i] = ((const u8*)from)[i];
    return to;
}
#else
extern void* memset(void*, int, usize);
extern void* memcpy(void* restrict, const void* restrict, usize);
#endif

static inline usize length(const char* s) {
    usize n = 0;
    while (s[n]) ++n;
    return n;
}
static inline int same(const char* a, const char* b) {
    while (*a && *a == *b) ++a, ++b;
    return *a == *b;
}
static inline int starts_with(const char* s, const char* prefix) {
    while (*prefix && *s == *prefix) ++s, ++prefix;
    return !*prefix;
}

// ---- output: one buffer, written when full and at the end
// --------------------------------------------------------------

static char out_buffer[4096];
static usize out_used;
static inline void out_flush(void) {
    usize done = 0;
    while (done < out_used) {
        i64 n = sys_write(1, out_buffer + done, out_used - done);
        if (n <= 0) break;
        done += (usize)n;
    }
    out_used = 0;
}
static inline void out_char(char c) {
    if (out_used == sizeof out_buffer) out_flush();
    out_buffer[out_used++] = c;
}
static inline void print(const char* s) {
    while (*s) out_char(*s++);
}
static inline void print_bytes(const void* bytes, usize n) {
    for (usize i = 0; i < n; ++i) {
        u8 c = ((const u8*)bytes)[i];
        if (c >= 32 && c < 127) {
            out_char((char)c);
        } else {
            out_char('\\');
            out_char("0123456789abcdef"[c >> 4]);
            out_char("0123456789abcdef"[c & 15]);
        }
    }
}
static inline void print_number(i64 v) {
    char digits[24];
    int n = 0;
    u64 u = v < 0 ? 0 - (u64)v : (u64)v;
    do digits[n++] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0) out_char('-');
    while (n) out_char(digits[--n]);
}
// "what = value"
static inline void show(const char* what, i64 value) {
    print(what);
    print(" = ");
    print_number(value);
    out_char('\n');
}
static inline void show_text(const char* what, const char* text) {
    print(what);
    print(" = ");
    print_bytes(text, length(text));
    out_char('\n');
}
static inline void show_bytes(const char* what, const void* bytes, usize n) {
    print(what);
    print(" = ");
    print_bytes(bytes, n);
    out_char('\n');
}
// For results that differ between runs: only whether it failed, and how.
static inline void show_ok(const char* what, i64 value) { show(what, value < 0 ? value : 0); }

// ---- entry
// -------------------------------------------------------------------------------------------------------------

int guest_main(int argc, char** argv);

#ifdef __wasm__
static char argument_bytes[8192];
static char* argument_list[64];
void _start(void) {
    int status = wali_init();
    if (status == 0) {
        int argc = wali_argc();
        usize used = 0;
        for (int i = 0; i < argc && i < 63; ++i) {
            argument_list[i] = argument_bytes + used;
            wali_copy_argv(argument_list[i], i);
            used += (usize)wali_argv_len(i) + 1;
        }
        status = guest_main(argc, argument_list);
        out_flush();
        if (status == 0) status = wali_deinit();
    }
    wali_proc_exit(status);
}
#else
int main(int argc, char** argv) {
    open_tally();
    int status = guest_main(argc, argv);
    out_flush();
    return status;
}
#endif

// ---- structures, laid out alike on x86-64 and in the guest
// -----------------------------------------------------------------

struct timespec_t {
    i64 sec, nsec;
};
struct timeval_t {
    i64 sec, usec;
};
struct stat_t {
    u64 dev, ino, nlink;
    u32 mode, uid, gid, pad;
    u64 rdev;
    i64 size, block_size, blocks;
    struct timespec_t access, modification, change;
    i64 unused[3];
};
struct iovec_t {
    void* base;
    usize length;
};

// ---- constants the programs need
// -------------------------------------------------------------------------------------------

enum {
    O_RDONLY = 0,
    O_WRONLY = 1,
    O_RDWR = 2,
    O_CREAT = 0100,
    O_EXCL = 0200,
    O_TRUNC = 01000,
    O_APPEND = 02000,
    O_NONBLOCK = 04000,
    O_DIRECTORY = 0200000,
    O_NOFOLLOW = 0400000,
    O_CLOEXEC = 02000000,
    O_PATH = 010000000,
    AT_FDCWD = -100,
    AT_SYMLINK_NOFOLLOW = 0x100,
    AT_REMOVEDIR = 0x200,
    AT_SYMLINK_FOLLOW = 0x400,
    AT_EMPTY_PATH = 0x1000,
};
struct block_t {  // iocb
    u64 data;
    u32 key;
    i32 rw_flags;
    u16 opcode;
    i16 priority;
    i32 fd;
    u64 buffer, bytes;
    i64 offset;
    u64 reserved;
    u32 flags;
    i32 event_fd;
};
