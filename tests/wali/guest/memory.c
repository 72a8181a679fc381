// SPDX-License-Identifier: Apache-2.0
// The mmap family: placement, holes, protection, files, growth, sharing across fork. What is accessible is found by
// system calls, which answer instead of faulting.
#include "guest.h"

enum {
    PAGE = 4096,
    READ = 1,
    WRITE = 2,
    EXEC = 4,
    SHARED = 1,
    PRIVATE = 2,
    FIXED = 0x10,
    ANON = 0x20,
    NOREPLACE = 0x100000,
    MAYMOVE = 1,
    MREMAP_TO = 2,
    DONTUNMAP = 4,
};

static i32 ends[2];
// "rw", "r-" or "--": what the kernel may do there.
static const char *access_at(u8 *p) {
    u8 byte = 0;
    if (sys_write(ends[1], p, 1) != 1) return "--";
    // Puts the same byte back.
    if (sys_read(ends[0], p, 1) == 1) return "rw";
    sys_read(ends[0], &byte, 1);
    return "r-";
}
static void show_access(const char *what, u8 *p, int pages) {
    print(what);
    print(" =");
    for (int i = 0; i < pages; ++i) {
        out_char(' ');
        print(access_at(p + i * PAGE));
    }
    out_char('\n');
}
static u8 *map(usize at, usize bytes, i32 prot, i32 flags, i32 fd, i64 offset) {
    return (u8 *)(usize)sys_mmap(at, bytes, prot, flags, fd, offset);
}
static u8 *pages(int n) { return map(0, (usize)n * PAGE, READ | WRITE, PRIVATE | ANON, -1, 0); }
static int all_zero(u8 *p, usize n) {
    for (usize i = 0; i < n; ++i) {
        if (p[i]) return 0;
    }
    return 1;
}
static i32 make_file(const char *name, usize bytes) {
    i32 fd = (i32)sys_open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    static char line[PAGE];
    for (usize i = 0; i < bytes; i += PAGE) {
        memset(line, (int)('a' + i / PAGE), PAGE);
        sys_write(fd, line, bytes - i < PAGE ? bytes - i : PAGE);
    }
    return fd;
}

static void errors(void) {
    show("length 0", sys_mmap(0, 0, READ, PRIVATE | ANON, -1, 0));
    show("bad descriptor", sys_mmap(0, PAGE, READ, PRIVATE, 99, 0));
    show("bad descriptor, length 0", sys_mmap(0, 0, READ, PRIVATE, 99, 0));
    show("no type", sys_mmap(0, PAGE, READ, ANON, -1, 0));
    show("odd offset", sys_mmap(0, PAGE, READ, PRIVATE | ANON, -1, 5));
    u8 *p = pages(2);
    show("odd fixed", sys_mmap(p + 1, PAGE, READ, PRIVATE | ANON | FIXED, -1, 0));
    show("taken", sys_mmap(p, PAGE, READ, PRIVATE | ANON | NOREPLACE, -1, 0));
    i32 reads = (i32)sys_open("/proc/self/comm", O_RDONLY, 0);
    show("file that cannot be mapped", sys_mmap(0, PAGE, READ, PRIVATE, reads, 0));
    show("  over a mapping", sys_mmap(p, PAGE, READ, PRIVATE | FIXED, reads, 0));
    show_access("  which stays", p, 2);
    sys_close(reads);
    i32 fd = make_file("f", PAGE);
    sys_close(fd);
    fd = (i32)sys_open("f", O_RDONLY, 0);
    show("shared and writable, read-only file", sys_mmap(0, PAGE, READ | WRITE, SHARED, fd, 0));
    show_ok("private and writable, read-only file", sys_mmap(0, PAGE, READ | WRITE, PRIVATE, fd, 0));
    sys_close(fd);
    show("munmap odd", sys_munmap(p + 1, PAGE));
    show("munmap length 0", sys_munmap(p, 0));
    show("mprotect odd", sys_mprotect(p + 1, PAGE, READ));
    show("mprotect bad", sys_mprotect(p, PAGE, 0x40));
    show("mprotect null", sys_mprotect(0, PAGE, READ));
    show("mprotect length 0", sys_mprotect(p, 0, READ));
    show("mremap odd", sys_mremap(p + 1, PAGE, PAGE, 0, 0));
    show("mremap to 0", sys_mremap(p, PAGE, 0, 0, 0));
    show("mremap null", sys_mremap(0, PAGE, 2 * PAGE, MAYMOVE, 0));
    show("mremap flags", sys_mremap(p, PAGE, PAGE, 8, 0));
    show("mremap fixed only", sys_mremap(p, PAGE, PAGE, MREMAP_TO, 0));
    show("mremap onto itself", sys_mremap(p, 2 * PAGE, 2 * PAGE, MAYMOVE | MREMAP_TO, p + PAGE));
    show("msync null", sys_msync(0, PAGE, 4));
    show("msync flags", sys_msync(p, PAGE, 0xDEAD));
    show("msync both", sys_msync(p, PAGE, 5));
    show("msync length 0", sys_msync(p, 0, 4));
    show("madvise odd", sys_madvise(p + 1, PAGE, 0));
    show("madvise unknown", sys_madvise(p, PAGE, 9999));
    show("mincore odd", sys_mincore(p + 1, PAGE, p));
    show("mincore null", sys_mincore(p, PAGE, 0));
    show("mincore of everything, null", sys_mincore((usize)0 - PAGE, 2 * PAGE, 0));
    show("mlock2 flags", sys_mlock2(p, PAGE, 8));
    show("mlockall 0", sys_mlockall(0));
    sys_munmap(p, 2 * PAGE);
}

static void anonymous(void) {
    u8 *p = pages(6);
    show_access("new", p, 6);
    show("zero", all_zero(p, 6 * PAGE));
    memset(p, 1, 6 * PAGE);
    show("munmap", sys_munmap(p + PAGE, PAGE) + sys_munmap(p + 3 * PAGE, 1));
    show_access("holes", p, 6);
    show("into the hole", map((usize)(p + PAGE), PAGE, READ | WRITE, PRIVATE | ANON, -1, 0) == p + PAGE);
    show("zero", all_zero(p + PAGE, PAGE));
    u8 *elsewhere = map((usize)(p + PAGE), PAGE, READ, PRIVATE | ANON, -1, 0);
    show("not into it twice", elsewhere != p + PAGE);
    sys_munmap(elsewhere, PAGE);
    show("fixed over it", map((usize)p, 2 * PAGE, READ, PRIVATE | ANON | FIXED, -1, 0) == p);
    show_access("now", p, 6);
    show("unmap all with holes", sys_munmap(p, 6 * PAGE));
    show("unmap again", sys_munmap(p, 6 * PAGE));
    show_access("gone", p, 6);
    p = map(0, 4 * PAGE, 0, PRIVATE | ANON, -1, 0);
    show_access("PROT_NONE", p, 4);
    show("mprotect", sys_mprotect(p + PAGE, 2 * PAGE, READ | WRITE));
    show_access("inside", p, 4);
    p[PAGE] = 5;
    show("mprotect", sys_mprotect(p + PAGE, PAGE, READ));
    show_access("read-only", p, 4);
    show("kept", p[PAGE]);
    show("mprotect exec", sys_mprotect(p, 4 * PAGE, READ | WRITE | EXEC));
    show_access("all", p, 4);
    sys_munmap(p + 2 * PAGE, PAGE);
    show("mprotect over a hole", sys_mprotect(p, 4 * PAGE, READ));
    show_access("up to it", p, 4);
    show("madvise over a hole", sys_madvise(p, 4 * PAGE, 0));
    show("msync over a hole", sys_msync(p, 4 * PAGE, 1));
    show("mincore over a hole", sys_mincore(p, 4 * PAGE, p));
    show("mlock over a hole", sys_mlock(p, 4 * PAGE));
    sys_munmap(p, 4 * PAGE);
    p = pages(2);
    memset(p, 7, 2 * PAGE);
    show("MADV_DONTNEED", sys_madvise(p, PAGE, 4));
    show("zero", all_zero(p, PAGE));
    show("kept", p[PAGE]);
    u8 vec[2] = {0xFF, 0xFF};
    show("mincore", sys_mincore(p, 2 * PAGE, vec));
    show("  second", vec[1] & 1);
    show("mlock", sys_mlock(p + 3, 10) + sys_munlock(p, PAGE));
    sys_munmap(p, 2 * PAGE);
}

static void moving(void) {
    u8 *p = pages(8);
    for (int i = 0; i < 8; ++i) p[i * PAGE] = (u8)(i + 1);
    sys_munmap(p + 4 * PAGE, 4 * PAGE);
    show("grow in place", sys_mremap(p, 4 * PAGE, 6 * PAGE, 0, 0) == (i64)(usize)p);
    show("  kept", p[3 * PAGE]);
    show("  zero", all_zero(p + 4 * PAGE, 2 * PAGE));
    show("shrink", sys_mremap(p, 6 * PAGE, 3 * PAGE - 100, 0, 0) == (i64)(usize)p);
    show_access("  left", p, 6);
    u8 *wall = map((usize)(p + 3 * PAGE), PAGE, READ, PRIVATE | ANON | NOREPLACE, -1, 0);
    show("no room", sys_mremap(p, 3 * PAGE, 4 * PAGE, 0, 0));
    u8 *q = (u8 *)(usize)sys_mremap(p, 3 * PAGE, 20 * PAGE, MAYMOVE, 0);
    show("moved", q != p && q[0] == 1 && q[PAGE] == 2 && q[2 * PAGE] == 3);
    show_access("  old place", p, 3);
    show("  end", all_zero(q + 3 * PAGE, 17 * PAGE));
    u8 *r = (u8 *)(usize)sys_mremap(q, 3 * PAGE, 3 * PAGE, MAYMOVE | MREMAP_TO, p);
    show("back, part of it", r == p && p[PAGE] == 2);
    show_access("  left behind", q, 4);
    u8 *s = (u8 *)(usize)sys_mremap(p, 2 * PAGE, 2 * PAGE, MAYMOVE | DONTUNMAP, 0);
    show("MREMAP_DONTUNMAP", s != p && s[0] == 1 && all_zero(p, 2 * PAGE));
    sys_mprotect(s, PAGE, READ);
    show("across protections", sys_mremap(s, 2 * PAGE, 3 * PAGE, MAYMOVE, 0));
    sys_munmap(wall, PAGE);
    sys_munmap(p, 3 * PAGE);
    sys_munmap(q, 20 * PAGE);
    sys_munmap(s, 2 * PAGE);
}

static void file_pages(void) {
    i32 fd = make_file("f", 3 * PAGE + 10);
    u8 *p = map(0, 3 * PAGE + 10, READ | WRITE, PRIVATE, fd, 0);
    u8 *s = map(0, 2 * PAGE, READ | WRITE, SHARED, fd, PAGE);
    show("private", p[0] == 'a' && p[3 * PAGE] == 'd' && p[3 * PAGE + 10] == 0);
    show("shared", s[0] == 'b');
    s[1] = 'S';
    p[2] = 'P';
    char bytes[4] = {0};
    sys_pread64(fd, bytes, 3, PAGE);
    show_text("in the file", bytes);
    sys_pread64(fd, bytes, 3, 0);
    show_text("in the file", bytes);
    sys_pwrite64(fd, "W", 1, PAGE + 2);
    show("seen", s[2]);
    show("msync", sys_msync(s, 2 * PAGE, 4) + sys_msync(s, PAGE, 1) + sys_msync(s, PAGE, 6));
    sys_close(fd);
    show("after close", s[0]);
    u8 *grown = (u8 *)(usize)sys_mremap(p, PAGE, 3 * PAGE, MAYMOVE, 0);
    show("private, grown", grown[2] == 'P' && grown[PAGE + 1] == 'S' && grown[2 * PAGE] == 'c');
    u8 *twice = (u8 *)(usize)sys_mremap(s, 0, PAGE, MAYMOVE, 0);
    twice[5] = 'T';
    show("shared twice", s[5]);
    u8 *larger = (u8 *)(usize)sys_mremap(s, PAGE, 2 * PAGE, MAYMOVE | MREMAP_TO, twice);
    show("shared, larger", larger == twice && larger[5] == 'T' && larger[PAGE] == 'c');
    show("read-only", sys_mprotect(larger, PAGE, READ));
    show_access("  now", larger, 2);
    show("writable again", sys_mprotect(larger, PAGE, READ | WRITE));
    show("beyond the end", map(0, PAGE, READ, PRIVATE, 99, 0) == (u8 *)(usize)-9);
}

static void across_fork(void) {
    u8 *shared = map(0, PAGE, READ | WRITE, SHARED | ANON, -1, 0);
    u8 *own = pages(3);
    own[0] = 1;
    sys_madvise(own + PAGE, PAGE, 10);      // MADV_DONTFORK
    sys_madvise(own + 2 * PAGE, PAGE, 18);  // MADV_WIPEONFORK
    own[2 * PAGE] = 9;
    out_flush();
    i32 status = 0, pid = (i32)sys_fork();
    if (pid == 0) {
        shared[0] = own[0] == 1 ? 5 : 6;
        own[0] = 2;
        show_access("in the child", own, 3);
        show("wiped", own[2 * PAGE]);
        show("maps", pages(4) > (u8 *)0);
        out_flush();
        sys_exit_group(0);
    }
    sys_wait4(pid, &status, 0, 0);
    show("child", status);
    show("shared", shared[0]);
    show("own", own[0]);
    show_access("here", own, 3);
}

// A mapping of a file that grows where it is.
static void growing(void) {
    i32 fd = make_file("g", 8 * PAGE);
    u8 *at = pages(8);
    sys_munmap(at, 8 * PAGE);
    u8 *s = map((usize)at, 2 * PAGE, READ | WRITE, SHARED, fd, PAGE);
    show("at the hint", s == at);
    s[PAGE] = 'X';
    show("shared, grown in place", sys_mremap(s, 2 * PAGE, 4 * PAGE, 0, 0) == (i64)(usize)s);
    show("  continued", s[PAGE] == 'X' && s[2 * PAGE] == 'd' && s[3 * PAGE] == 'e');
    s[3 * PAGE] = 'Y';
    char byte = 0;
    sys_pread64(fd, &byte, 1, 4 * PAGE);
    show("  shared", byte);
    show("a part of it, grown", sys_mremap(s, PAGE, 2 * PAGE, 0, 0));
    show("shrunk", sys_mremap(s, 4 * PAGE, PAGE, 0, 0) == (i64)(usize)s);
    show("grown again", sys_mremap(s, PAGE, 8 * PAGE, 0, 0) == (i64)(usize)s && s[6 * PAGE] == 'h');
    show("mlockall, a page beyond the end of its file", sys_mlockall(1));
    show("munlockall", sys_munlockall());
    sys_munmap(s, 8 * PAGE);
    sys_close(fd);
}

// Memory that not even the kernel reads.
static void secret(void) {
    show("memfd_secret flags", sys_memfd_secret(1));
    i32 fd = (i32)sys_memfd_secret(O_CLOEXEC);
    show_ok("memfd_secret", fd);
    if (fd < 0) return;
    show("ftruncate", sys_ftruncate(fd, PAGE));
    u8 *p = map(0, PAGE, READ | WRITE, SHARED, fd, 0);
    p[5] = 6;
    show("kept", p[5]);
    show_access("to the kernel", p, 1);
    show("munmap", sys_munmap(p, PAGE));
    sys_close(fd);
}

// A malloc's life: many sizes, freed in another order, must fit in little room.
static void reuse(void) {
    static u8 *live[64];
    static usize size[64];
    u32 random = 12345;
    u8 *highest = 0;
    int wrong = 0;
    for (int i = 0; i < 20000; ++i) {
        random = random * 1103515245u + 12345u;
        int slot = (int)(random >> 16 & 63);
        if (live[slot]) {
            if (live[slot][0] != (u8)slot || live[slot][size[slot] - 1] != (u8)slot) ++wrong;
            sys_munmap(live[slot], size[slot]);
        }
        size[slot] = (1 + (random >> 24 & 31)) * PAGE;
        live[slot] = map(0, size[slot], READ | WRITE, PRIVATE | ANON, -1, 0);
        if (live[slot][0] || live[slot][size[slot] - 1]) ++wrong;
        live[slot][0] = (u8)slot;
        live[slot][size[slot] - 1] = (u8)slot;
        if (live[slot] > highest) highest = live[slot];
    }
    show("wrong", wrong);
    // The kernel places them high.
    show("compact", sizeof(void *) == 8 || highest < (u8 *)(64 << 20));
}

int guest_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    sys_pipe(ends);
    sys_fcntl(ends[0], 4, O_NONBLOCK);
    errors();
    anonymous();
    moving();
    file_pages();
    growing();
    secret();
    across_fork();
    reuse();
    return 0;
}
