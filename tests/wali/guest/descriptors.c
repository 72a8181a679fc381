// SPDX-License-Identifier: Apache-2.0
// Descriptor numbers and flags, locks, pipes; and that the runtime's own descriptors are not there.
#include "guest.h"
#include "guest_process.h"

enum { F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_GETPIPE_SZ = 1032 };

struct flock_t {
    i16 type, whence;
    i32 pad;
    i64 start, length;
    i32 pid, pad2;
};

static const i64 kGarbage = 0x7EEDFACE00000000;  // what libc leaves in the upper half of fcntl's argument

static void duplicating(void) {
    i64 fd = sys_open("f", O_CREAT | O_RDWR, 0644);
    show("fd", fd);
    show("dup", sys_dup(fd));
    show("dup bad", sys_dup(-1));
    show("dup2", sys_dup2(fd, 20));
    show("dup2 same", sys_dup2(fd, fd));
    show("dup2 bad same", sys_dup2(99, 99));
    show("dup2 negative", sys_dup2(fd, -1));
    show("dup3", sys_dup3(fd, 21, O_CLOEXEC));
    show("dup3 same", sys_dup3(fd, fd, 0));
    show("dup3 bad flags", sys_dup3(fd, 22, 1));
    show("F_DUPFD", sys_fcntl(fd, F_DUPFD, 30));
    show("F_DUPFD_CLOEXEC", sys_fcntl(fd, 1030, 30));
    show("F_GETFD", sys_fcntl(31, F_GETFD, 0));
    show("F_SETFD", sys_fcntl(31, F_SETFD, kGarbage));
    show("F_GETFD", sys_fcntl(31, F_GETFD, 0));
    show("F_GETFL", sys_fcntl(fd, F_GETFL, 0));
    show("F_SETFL", sys_fcntl(fd, F_SETFL, kGarbage | O_APPEND | O_NONBLOCK));
    show("F_GETFL", sys_fcntl(fd, F_GETFL, 0));
    show("fcntl bad fd", sys_fcntl(77, F_GETFL, 0));
    show("fcntl bad command", sys_fcntl(fd, 9999, 0));
    show("F_GETOWN", sys_fcntl(fd, 9, 0));
    show("ioctl FIOCLEX", sys_ioctl(20, 0x5451, 0));
    show("F_GETFD", sys_fcntl(20, F_GETFD, 0));
    show("close_range", sys_close_range(20, 40, 0));
    show("F_GETFD", sys_fcntl(20, F_GETFD, 0));
    show("close_range bad", sys_close_range(40, 20, 0));
    show("close_range bad flags", sys_close_range(20, 40, 64));
}

static void locking(void) {
    i64 fd = sys_open("f", O_RDWR, 0);
    struct flock_t l = {1, 0, 0, 10, 5, 0, 0};
    show("F_SETLK", sys_fcntl(fd, F_SETLK, (usize)&l));
    l.type = 1;
    show("F_GETLK", sys_fcntl(fd, F_GETLK, (usize)&l));
    show("  type", l.type);
    l.type = 2;
    show("F_SETLKW", sys_fcntl(fd, F_SETLKW, (usize)&l));
    show("F_SETLK null", sys_fcntl(fd, F_SETLK, 0));
    l.type = 77;
    show("F_SETLK bad", sys_fcntl(fd, F_SETLK, (usize)&l));
    struct flock_t o = {1, 0, 0, 0, 0, 0, 0};
    show("F_OFD_SETLK", sys_fcntl(fd, 37, (usize)&o));
    i64 other = sys_open("f", O_RDWR, 0);
    show("F_OFD_SETLK taken", sys_fcntl(other, 37, (usize)&o));
    show("F_OFD_GETLK", sys_fcntl(other, 36, (usize)&o));
    show("  pid", o.pid);
    show("flock", sys_flock(fd, 2));
    show("flock taken", sys_flock(other, 2 | 4));
    show("flock free", sys_flock(fd, 8));
    show("flock bad", sys_flock(fd, 99));
}

static void pipes(void) {
    i32 p[2];
    char b[16];
    show("pipe", sys_pipe(p));
    show("write", sys_write(p[1], "through", 7));
    show("FIONREAD", sys_ioctl(p[0], 0x541B, b));
    show("  bytes", *(i32 *)(void *)b);
    show("read", sys_read(p[0], b, sizeof b));
    show("F_GETPIPE_SZ", sys_fcntl(p[0], F_GETPIPE_SZ, 0));
    show("pipe2", sys_pipe2(p, O_NONBLOCK | O_CLOEXEC));
    show("read empty", sys_read(p[0], b, 1));
    show("F_GETFD", sys_fcntl(p[0], F_GETFD, 0));
    show("close writer", sys_close(p[1]));
    show("read closed", sys_read(p[0], b, 1));
    show("pipe2 bad", sys_pipe2(p, 1));
    show("pipe null", sys_pipe(0));
    i32 q[2], r[2];
    sys_pipe(q);
    sys_pipe(r);
    sys_write(q[1], "abcdef", 6);
    show("tee", sys_tee(q[0], r[1], 3, 0));
    show("splice", sys_splice(q[0], 0, r[1], 0, 2, 0));
    show("read", sys_read(r[0], b, sizeof b));
    show_bytes("  text", b, 5);
    show("splice file", sys_splice(q[0], 0, 99, 0, 2, 0));
}

static void copying(void) {
    i64 from = sys_open("from", O_CREAT | O_RDWR, 0644), to = sys_open("to", O_CREAT | O_RDWR, 0644);
    sys_write(from, "0123456789", 10);
    i64 at = 2;
    show("sendfile", sys_sendfile(to, from, &at, 4));
    show("  offset", at);
    show("sendfile bad", sys_sendfile(to, -1, &at, 4));
    i64 a = 0, b = 6;
    show("copy_file_range", sys_copy_file_range(from, &a, to, &b, 3, 0));
    show("  offset", b);
    char text[16];
    i64 n = sys_pread64(to, text, sizeof text, 0);
    show_bytes("  text", text, (usize)n);
    i64 memory = sys_memfd_create("m", 3);
    show_ok("memfd_create", memory);
    show("write", sys_write(memory, "sealed", 6));
    show("F_ADD_SEALS", sys_fcntl(memory, 1033, kGarbage | 8));
    show("F_GET_SEALS", sys_fcntl(memory, 1034, 0));
    show("write sealed", sys_write(memory, "x", 1));
    show("memfd_create bad", sys_memfd_create("m", 0x8000));
}

// As a daemon does. Afterwards everything must work as before.
static void closing_everything(void) {
    int failed_otherwise = 0;
    for (i32 fd = 3; fd < 2048; ++fd) {
        i64 r = sys_close(fd);
        if (r != 0 && r != -9) ++failed_otherwise;
    }
    show("close all", failed_otherwise);
    show("next fd", sys_open("f", O_RDWR, 0));
    int refused = 0;
    for (i32 fd = 4; fd < 1024; ++fd) {
        if (sys_dup2(3, fd) != fd) ++refused;
    }
    show("dup2 everywhere", refused);
    int closed = 0;
    for (i32 fd = 4; fd < 1024; ++fd) {
        if (sys_close(fd) == 0) ++closed;
    }
    show("closed again", closed);
    show("close_range all", sys_close_range(3, ~0U, 0));
    show("next fd", sys_open("f", O_RDWR, 0));
}

// With no room beyond the limit, all numbers below it are there, whatever has been opened before.
static void all_numbers(void) {
    u64 limit[2] = {64, 64};
    show("limit", sys_setrlimit(7, limit));
    i32 fd = (i32)sys_open("/proc/self/stat", O_RDONLY, 0);
    show_ok("stat", fd);
    sys_close(fd);
    while (sys_dup(1) >= 0) continue;
    int used = 0;
    for (i32 n = 0; n < 64; ++n) used += sys_fcntl(n, 1, 0) >= 0;
    show("used", used);
    for (i32 n = 3; n < 64; ++n) sys_close(n);
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    in_child(all_numbers);
    duplicating();
    locking();
    pipes();
    copying();
    closing_everything();
    return 0;
}
