// SPDX-License-Identifier: Apache-2.0
// Structures with pointers inside, laid out as the host's: if one went to the kernel as it is, the guest would name
// host addresses. The first page of the runtime is what they try to read.
#include "attack.h"
#include "flips.h"

struct host_vector {
    u64 base, bytes;
};
struct host_message {
    u64 name;
    u32 name_bytes, pad;
    u64 vectors, count, control, control_bytes;
    u32 flags, pad2;
};

static u64 base, image;
static i32 ends[2];
static char secret[8], arrived[64];

static u64 host(const void* guest) { return base + (u64)(usize)guest; }
static int got_image(i32 fd) {
    memset(arrived, 0, sizeof arrived);
    i64 n = sys_read(fd, arrived, sizeof arrived);
    return n >= 4 && is_elf(arrived) ? REACHED : CONTAINED;
}
static void make_pipe(void) { sys_pipe2(ends, O_NONBLOCK); }
static void make_sockets(void) { sys_socketpair(1, 2 | O_NONBLOCK, 0, ends); }

static int by_writev(void) {
    struct host_vector v = {image, 4};
    make_pipe();
    sys_writev(ends[1], &v, 1);
    return got_image(ends[0]);
}
static int by_pwritev(void) {
    struct host_vector v = {image, 4};
    i32 fd = (i32)sys_open("out", O_CREAT | O_RDWR, 0600);
    sys_pwritev(fd, &v, 1, 0, 0);
    return got_image(fd);
}
static int by_pwritev2(void) {
    struct host_vector v = {image, 4};
    i32 fd = (i32)sys_open("out", O_CREAT | O_RDWR, 0600);
    sys_pwritev2(fd, &v, 1, 0, 0, 0);
    return got_image(fd);
}
static int by_vmsplice(void) {
    struct host_vector v = {image, 4};
    make_pipe();
    sys_vmsplice(ends[1], &v, 1, 0);
    return got_image(ends[0]);
}
static int by_readv(void) {
    struct host_vector v = {host(secret), 4};
    make_pipe();
    sys_write(ends[1], "\177ELF", 4);
    sys_readv(ends[0], &v, 1);
    return is_elf(secret) ? REACHED : CONTAINED;
}
static struct host_message message_of(struct host_vector* v) {
    struct host_message m = {.vectors = host(v), .count = 1};
    return m;
}
static int by_sendmsg(void) {
    struct host_vector v = {image, 4};
    struct host_message m = message_of(&v);
    make_sockets();
    sys_sendmsg(ends[1], &m, 0);
    return got_image(ends[0]);
}
static int by_recvmsg(void) {
    struct host_vector v = {host(secret), 4};
    struct host_message m = message_of(&v);
    make_sockets();
    sys_write(ends[1], "\177ELF", 4);
    sys_recvmsg(ends[0], &m, 0);
    return is_elf(secret) ? REACHED : CONTAINED;
}
static int by_sendmmsg(void) {
    struct host_vector v = {image, 4};
    struct {
        struct host_message m;
        u64 bytes;
    } many = {message_of(&v), 0};
    make_sockets();
    sys_sendmmsg(ends[1], &many, 1, 0);
    return got_image(ends[0]);
}
static int by_recvmmsg(void) {
    struct host_vector v = {host(secret), 4};
    struct {
        struct host_message m;
        u64 bytes;
    } many = {message_of(&v), 0};
    make_sockets();
    sys_write(ends[1], "\177ELF", 4);
    sys_recvmmsg(ends[0], &many, 1, 0, 0);
    return is_elf(secret) ? REACHED : CONTAINED;
}
// EAGAIN says that the word could be read, and is not the one expected.
static int by_futex_waitv(void) {
    struct {
        u64 value, address;
        u32 flags, reserved;
    } wait = {0x12345678, image, 2 | 128, 0};
    return sys_futex_waitv(&wait, 1, 0, 0, 0) == -11 ? REACHED : CONTAINED;
}
// A program that accepts everything, where only a host address can find it.
static int by_filter(void) {
    static u64 program = 0x0000FFFF00000006ULL;
    struct {
        u16 count, pad[3];
        u64 address;
    } filter = {1, {0}, host(&program)};
    make_sockets();
    return sys_setsockopt(ends[0], 1, 26, &filter, sizeof filter) == 0 ? REACHED : CONTAINED;
}
static int by_pselect(void) {
    static u64 mask;
    struct {
        u64 address, bytes;
    } sigset = {host(&mask), 8};
    struct timespec_t now = {0, 0};
    return sys_pselect6(0, 0, 0, 0, &now, &sigset) == 0 ? REACHED : CONTAINED;
}
static int by_block(u16 opcode, u64 buffer, u64 bytes) {
    u64 context = 0;
    i32 fd = (i32)sys_open("out", O_CREAT | O_RDWR, 0600);
    struct block_t block = {.opcode = opcode, .fd = fd, .buffer = buffer, .bytes = bytes};
    struct block_t* list = &block;
    if (sys_io_setup(1, &context) < 0) return NOT_HERE;
    sys_io_submit(context, 1, &list);
    return got_image(fd);
}
static int by_io_submit(void) { return by_block(1, image, 4); }
static int by_io_submit_of_vectors(void) {
    static struct host_vector v;
    v = (struct host_vector){image, 4};
    return by_block(8, (u64)(usize)&v, 1);
}
static int by_argv(void) {
    static char name[] = "echo";
    u64 argv[] = {host(name), image, 0};
    make_pipe();
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        sys_dup2(ends[1], 1);
        sys_execve("/bin/echo", argv, 0);
        sys_exit_group(9);
    }
    i32 status = 0;
    sys_wait4(pid, &status, 0, 0);
    return got_image(ends[0]);
}
static int by_environment(void) {
    static char first[] = "/bin/sh", second[] = "-c", third[] = "/usr/bin/env";
    u32 argv[] = {(u32)(usize)first, (u32)(usize)second, (u32)(usize)third, 0};
    u64 envp[] = {image, 0};
    make_pipe();
    i32 pid = (i32)sys_fork();
    if (pid == 0) {
        sys_dup2(ends[1], 1);
        sys_execve("/usr/bin/env", argv + 3, envp);
        sys_exit_group(9);
    }
    i32 status = 0;
    sys_wait4(pid, &status, 0, 0);
    return got_image(ends[0]);
}

static const struct attack attacks[] = {
    {"writev", by_writev, 0},
    {"pwritev", by_pwritev, 0},
    {"pwritev2", by_pwritev2, 0},
    {"vmsplice", by_vmsplice, 0},
    {"readv", by_readv, 0},
    {"sendmsg", by_sendmsg, 0},
    {"recvmsg", by_recvmsg, 0},
    {"sendmmsg", by_sendmmsg, 0},
    {"recvmmsg", by_recvmmsg, 0},
    {"futex_waitv", by_futex_waitv, 0},
    {"socket filter", by_filter, 0},
    {"pselect6", by_pselect, 0},
    {"io_submit", by_io_submit, 0},
    {"io_submit of vectors", by_io_submit_of_vectors, 0},
    {"argv", by_argv, 0},
    {"environment", by_environment, 0},
};

// No single defence stands against this.
static const struct attack others[] = {
    {"structures while flipping", structures_while_flipping, 0},
};

int guest_main(int argc, char** argv) {
    (void)argv;
    base = host_base();
    image = runtime_image();
    show("addresses found", base != 0 && image != 0);
    RUN(attacks);
    if (argc == 1) RUN(others);
    return 0;
}
