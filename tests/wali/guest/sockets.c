// SPDX-License-Identifier: Apache-2.0
// Sockets of the local and internet families, their options, messages, and descriptors sent through them.
#include "guest.h"

#ifdef __wasm__
#define PAD(name) u32 name;  // musl's, for big-endian 64-bit machines
#else
#define PAD(name)
#endif
struct message_t {
    void *name;
    u32 name_length;
    struct iovec_t *iov;
    usize iov_count;
    PAD(pad1)
    void *control;
    usize control_length;
    PAD(pad2)
    i32 flags;
};
struct messages_t {
    struct message_t header;
    u32 length;
};
struct control_t {
    usize length;
    PAD(pad)
    i32 level, type;
    i32 fd;
    i32 end;
};
struct local_t {
    u16 family;
    char path[14];
};
struct internet_t {
    u16 family;
    u8 port[2];
    u8 address[4];
    u8 zero[8];
};

static void pairs(void) {
    i32 p[2], none[2];
    char b[32];
    show("socketpair", sys_socketpair(1, 1, 0, p));
    show("socketpair internet", sys_socketpair(2, 1, 0, none));
    show("sendto", sys_sendto(p[0], "datagram", 8, 0, 0, 0));
    show("recvfrom peek", sys_recvfrom(p[1], b, 4, 2, 0, 0));
    i64 n = sys_recvfrom(p[1], b, sizeof b, 0, 0, 0);
    show("recvfrom", n);
    show_bytes("  text", b, (usize)n);
    show("recvfrom nothing", sys_recvfrom(p[1], b, sizeof b, 0x40, 0, 0));
    show("shutdown", sys_shutdown(p[0], 1));
    show("shutdown bad", sys_shutdown(p[0], 9));
    show("recvfrom end", sys_recvfrom(p[1], b, sizeof b, 0, 0, 0));
    show("sendto shut", sys_sendto(p[0], "x", 1, 0x4000, 0, 0));
    show("sendto null", sys_sendto(p[1], 0, 5, 0x4000, 0, 0));
    show("sendto not socket", sys_sendto(0, "x", 1, 0, 0, 0));
}

static void local(void) {
    struct local_t a = {1, "sock"}, got;
    u32 n = sizeof got;
    i64 server = sys_socket(1, 1, 0);
    show_ok("socket", server);
    show("bind", sys_bind(server, &a, 2 + 5));
    show("bind again", sys_bind(server, &a, 2 + 5));
    show("listen", sys_listen(server, 4));
    i64 client = sys_socket(1, 1 | O_CLOEXEC, 0);
    show("connect", sys_connect(client, &a, 2 + 5));
    show("connect again", sys_connect(client, &a, 2 + 5));
    i64 peer = sys_accept(server, &got, &n);
    show_ok("accept", peer);
    show("  length", n);
    n = sizeof got;
    show("getpeername", sys_getpeername(client, &got, &n));
    show("  length", n);
    show_text("  path", got.path);
    n = 3;
    show("getsockname short", sys_getsockname(server, &got, &n));
    show("  length", n);
    n = (u32)-1;
    show("getsockname negative", sys_getsockname(server, &got, &n));
    show("getsockname null", sys_getsockname(server, 0, 0));
    sys_fcntl(server, 4, O_NONBLOCK);
    show("accept4 none waiting", sys_accept4(server, 0, 0, 0));
    show("accept4 bad flags", sys_accept4(server, 0, 0, 99));
    a.path[0] = 'x';
    show("connect none", sys_connect(sys_socket(1, 1, 0), &a, 2 + 5));
    show("connect null", sys_connect(sys_socket(1, 1, 0), 0, 7));
    show("bind long", sys_bind(sys_socket(1, 1, 0), &a, 4000));
}

static void internet(void) {
    struct internet_t a = {2, {0, 0}, {127, 0, 0, 1}, {0}}, got;
    u32 n = sizeof got;
    i64 server = sys_socket(2, 1, 0), client = sys_socket(2, 1, 0);
    show("bind", sys_bind(server, &a, sizeof a));
    show("listen", sys_listen(server, 4));
    show("getsockname", sys_getsockname(server, &got, &n));
    show_bytes("  address", got.address, 4);
    show("connect", sys_connect(client, &got, n));
    i64 peer = sys_accept4(server, 0, 0, O_NONBLOCK);
    show_ok("accept4", peer);
    i32 one = 1;
    show("TCP_NODELAY", sys_setsockopt(client, 6, 1, &one, 4));
    show("write", sys_write(client, "over tcp", 8));
    char b[16];
    show("read", sys_read(peer, b, sizeof b));
    show("socket bad", sys_socket(99, 1, 0));
    show("socket bad type", sys_socket(2, 99, 0));
}

static void options(void) {
    i64 s = sys_socket(1, 1, 0);
    i32 v = 1;
    u32 n = 4;
    show("SO_TYPE", sys_getsockopt(s, 1, 3, &v, &n));
    show("  value", v);
    show("SO_PASSCRED", sys_setsockopt(s, 1, 16, &v, 4));
    show("short", sys_setsockopt(s, 1, 16, &v, 3));
    show("null", sys_setsockopt(s, 1, 16, 0, 4));
    show("unknown", sys_setsockopt(s, 1, 999, &v, 4));
    n = 2;
    show("SO_TYPE short", sys_getsockopt(s, 1, 3, &v, &n));
    show("  length", n);
    show("no length", sys_getsockopt(s, 1, 3, &v, 0));
    struct timeval_t t = {1, 500000}, u;
    n = sizeof u;
    show("SO_RCVTIMEO", sys_setsockopt(s, 1, 20, &t, sizeof t));
    show("SO_RCVTIMEO", sys_getsockopt(s, 1, 20, &u, &n));
    show("  seconds", u.sec);
    show("bad fd", sys_getsockopt(-1, 1, 3, &v, &n));
    show("bad fd, unknown level", sys_getsockopt(-1, 500, 3, &v, &n));
    show("no socket, unknown level", sys_getsockopt(sys_open("/", O_RDONLY, 0), 500, 3, &v, &n));
    show("unknown level", sys_getsockopt(s, 500, 3, &v, &n));
    show("set of bad fd, unknown level", sys_setsockopt(-1, 500, 3, &v, 4));
    show("set of unknown level", sys_setsockopt(s, 500, 3, &v, 4));
    struct {
        u16 code;
        u8 jt, jf;
        u32 k;
    } accept_all = {6, 0, 0, 0xFFFF};
    struct {
        u16 count;
        void *filter;
    } program = {1, &accept_all};
    show("SO_ATTACH_FILTER", sys_setsockopt(s, 1, 26, &program, sizeof program));
    program.count = 0;
    show("SO_ATTACH_FILTER empty", sys_setsockopt(s, 1, 26, &program, sizeof program));
    program.count = 1, program.filter = 0;
    show("SO_ATTACH_FILTER null", sys_setsockopt(s, 1, 26, &program, sizeof program));
    show("SO_DETACH_FILTER", sys_setsockopt(s, 1, 27, &v, 4));
}

static void messages(void) {
    i32 p[2];
    char b[8], c[16];
    sys_socketpair(1, 2, 0, p);
    struct iovec_t out[2] = {{"scat", 4}, {"tered", 5}}, in[2] = {{b, 8}, {c, 16}};
    struct message_t m = {.iov = out, .iov_count = 2};
    show("sendmsg", sys_sendmsg(p[0], &m, 0));
    struct message_t r = {.name = c, .iov = in, .iov_count = 2, .flags = 77};
    show("recvmsg", sys_recvmsg(p[1], &r, 0));
    show_bytes("  first", b, 8);
    show("  flags", r.flags);
    m.iov_count = 0;
    show("sendmsg empty", sys_sendmsg(p[0], &m, 0));
    m.iov_count = 1025;
    show("sendmsg many", sys_sendmsg(p[0], &m, 0));
    m.iov_count = 1, m.iov = 0;
    show("sendmsg null", sys_sendmsg(p[0], &m, 0));
    show("sendmsg null header", sys_sendmsg(p[0], 0, 0));
    show("sendmsg bad fd", sys_sendmsg(-1, 0, 0));
    in[0].length = 2;
    r.iov_count = 1;
    sys_sendto(p[0], "truncated", 9, 0, 0, 0);
    sys_recvmsg(p[1], &r, 0x40);
    show("recvmsg truncated", sys_recvmsg(p[1], &r, 0x40));
    show("  flags", r.flags);
    show("recvmsg nothing", sys_recvmsg(p[1], &r, 0x40));
}

static void passing(void) {
    i32 p[2], q[2];
    char b[8];
    sys_socketpair(1, 1, 0, p);
    sys_pipe(q);
    struct iovec_t v = {b, 1};
    struct control_t c = {sizeof(struct control_t) - 4, .level = 1, .type = 1, .fd = q[1]};
    struct message_t m = {.iov = &v, .iov_count = 1, .control = &c, .control_length = c.length};
    show("send fd", sys_sendmsg(p[0], &m, 0));
    c.fd = -1;
    show("send bad fd", sys_sendmsg(p[0], &m, 0));
    c.length = 3;
    show("send bad control", sys_sendmsg(p[0], &m, 0));
    memset(&c, 0, sizeof c);
    m.control_length = sizeof c;
    show("receive fd", sys_recvmsg(p[1], &m, 0));
    show("  control", m.control_length >= sizeof(struct control_t) - 4);
    show("  type", c.type);
    show("write to it", sys_write(c.fd, "sent", 4));
    show("read", sys_read(q[0], b, 8));
    m.control_length = 4;
    sys_fcntl(p[1], 4, O_NONBLOCK);
    show("receive none", sys_recvmsg(p[1], &m, 0));
}

static void several(void) {
    i32 p[2];
    char b[3][8];
    sys_socketpair(1, 2, 0, p);
    struct iovec_t v[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}};
    struct messages_t m[3];
    memset(m, 0, sizeof m);
    for (int i = 0; i < 3; ++i) m[i].header.iov = &v[i], m[i].header.iov_count = 1;
    show("sendmmsg", sys_sendmmsg(p[0], m, 3, 0));
    for (int i = 0; i < 3; ++i) show("  length", m[i].length);
    show("sendmmsg null", sys_sendmmsg(p[0], 0, 3, 0));
    show("sendmmsg none", sys_sendmmsg(p[0], m, 0, 0));
    for (int i = 0; i < 3; ++i) v[i] = (struct iovec_t){b[i], 8};
    struct timespec_t t = {1, 0};
    show("recvmmsg", sys_recvmmsg(p[1], m, 3, 0, &t));
    for (int i = 0; i < 3; ++i) show_bytes("  text", b[i], m[i].length);
    show("recvmmsg nothing", sys_recvmmsg(p[1], m, 3, 0x40, 0));
    v[1].base = (void *)(usize)0x7F000000;
    show("sendmmsg half bad", sys_sendmmsg(p[0], m, 3, 0));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    pairs();
    local();
    internet();
    options();
    messages();
    passing();
    several();
    return 0;
}
