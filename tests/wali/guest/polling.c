// SPDX-License-Identifier: Apache-2.0
// poll, select and epoll in all their forms, and the descriptors made to be waited for.
#include "guest.h"

struct pollfd_t {
    i32 fd;
    i16 events, revents;
};
struct __attribute__((packed)) event_t {
    u32 events;
    u64 data;
};

static void polling(i32 ready, i32 empty) {
    struct pollfd_t p[3] = {{ready, 1, 0}, {empty, 1, 0}, {-1, 1, 9}};
    show("poll", sys_poll(p, 3, 0));
    show("  ready", p[0].revents);
    show("  empty", p[1].revents);
    show("  none", p[2].revents);
    p[1].fd = 77;
    show("poll closed", sys_poll(p, 2, -1));
    show("  closed", p[1].revents);
    show("poll nothing", sys_poll(0, 0, 1));
    show("poll null", sys_poll(0, 1, 0));
    show("poll too many", sys_poll(p, 0x7FFFFFFFFLL, 0));
    struct timespec_t t = {0, 1000};
    p[1].fd = empty;
    show("ppoll", sys_ppoll(p + 1, 1, &t, 0, 0));
    u64 mask = 1ULL << 9;
    show("ppoll mask", sys_ppoll(p, 1, &t, &mask, 8));
    show("ppoll mask size", sys_ppoll(p, 1, &t, &mask, 128));
    t.nsec = 2000000000;
    show("ppoll bad time", sys_ppoll(p, 1, &t, 0, 8));
}

static void selecting(i32 ready, i32 empty) {
    u64 in[16] = {0}, out[16] = {0};
    struct timeval_t t = {0, 1000};
    in[0] = 1ULL << ready | 1ULL << empty;
    out[0] = 1ULL << (empty + 1);
    show("select", sys_select(32, in, out, 0, &t));
    show("  in", in[0] == 1ULL << ready);
    show("  out", out[0] == 1ULL << (empty + 1));
    in[0] = 1ULL << empty;
    show("select timeout", sys_select(32, in, 0, 0, &t));
    show("  in", (i64)in[0]);
    in[0] = 1ULL << 50;
    show("select closed", sys_select(64, in, 0, 0, &t));
    show("select negative", sys_select(-1, in, 0, 0, &t));
    t.usec = -1;
    show("select bad time", sys_select(0, 0, 0, 0, &t));
    struct timespec_t n = {0, 1000};
    in[0] = 1ULL << ready;
    show("pselect6", sys_pselect6(32, in, 0, 0, &n, 0));
    u64 mask = 1ULL << 9;
    u64 block[2] = {(usize)&mask, 8};
    show("pselect6 mask", sys_pselect6(32, in, 0, 0, &n, block));
    block[1] = 128;
    show("pselect6 mask size", sys_pselect6(32, in, 0, 0, &n, block));
    block[0] = 0;
    show("pselect6 no mask", sys_pselect6(32, in, 0, 0, &n, block));
    in[0] = 1ULL << ready;
    show("pselect6 null sets", sys_pselect6(0, 0, 0, 0, &n, 0));
}

static void epolling(i32 ready, i32 empty) {
    struct event_t e = {1, 0x1122334455667788}, got[8];
    i64 ep = sys_epoll_create1(O_CLOEXEC);
    show_ok("epoll_create1", ep);
    show("epoll_create1 bad", sys_epoll_create1(1));
    show_ok("epoll_create", sys_epoll_create(1));
    show("epoll_create zero", sys_epoll_create(0));
    show("add", sys_epoll_ctl(ep, 1, ready, &e));
    show("add again", sys_epoll_ctl(ep, 1, ready, &e));
    e.data = 42;
    show("add", sys_epoll_ctl(ep, 1, empty, &e));
    show("add itself", sys_epoll_ctl(ep, 1, ep, &e));
    show("add null", sys_epoll_ctl(ep, 1, 0, 0));
    show("epoll_wait", sys_epoll_wait(ep, got, 8, 0));
    show("  data", (i64)got[0].data);
    show("  events", got[0].events);
    e.events = 4;
    show("modify", sys_epoll_ctl(ep, 3, ready, &e));
    show("epoll_pwait", sys_epoll_pwait(ep, got, 8, 0, 0, 0));
    u64 mask = 0;
    show("epoll_pwait mask", sys_epoll_pwait(ep, got, 8, 0, &mask, 8));
    show("epoll_pwait mask size", sys_epoll_pwait(ep, got, 8, 0, &mask, 128));
    struct timespec_t t = {0, 0};
    show("epoll_pwait2", sys_epoll_pwait2(ep, got, 8, &t, 0, 8));
    show("epoll_wait zero", sys_epoll_wait(ep, got, 0, 0));
    show("epoll_wait negative", sys_epoll_wait(ep, got, -1, 0));
    show("epoll_wait not epoll", sys_epoll_wait(ready, got, 1, 0));
    show("delete", sys_epoll_ctl(ep, 2, ready, 0));
    show("delete again", sys_epoll_ctl(ep, 2, ready, 0));
    show("bad op", sys_epoll_ctl(ep, 9, empty, &e));
}

static void counters(void) {
    u64 v = 5;
    i64 fd = sys_eventfd2(3, O_NONBLOCK);
    show("eventfd write", sys_write(fd, &v, 8));
    show("eventfd read", sys_read(fd, &v, 8));
    show("  value", (i64)v);
    show("eventfd empty", sys_read(fd, &v, 8));
    show("eventfd small", sys_read(fd, &v, 4));
    show("eventfd2 bad", sys_eventfd2(0, 99));
    show_ok("eventfd", sys_eventfd(1));
    i64 timer = sys_timerfd_create(1, O_NONBLOCK);
    show_ok("timerfd_create", timer);
    show("timerfd_create bad", sys_timerfd_create(99, 0));
    struct timespec_t t[2] = {{0, 0}, {0, 1}}, old[2];
    show("timerfd_settime", sys_timerfd_settime(timer, 0, t, old));
    struct pollfd_t p = {(i32)timer, 1, 0};
    show("poll", sys_poll(&p, 1, 5000));
    show("read", sys_read(timer, &v, 8));
    show("  expirations", (i64)v);
    show("timerfd_gettime", sys_timerfd_gettime(timer, old));
    show("  value", old[1].nsec);
    t[1].nsec = -1;
    show("timerfd_settime bad", sys_timerfd_settime(timer, 0, t, 0));
}

static void watching(void) {
    char b[256];
    i64 fd = sys_inotify_init1(O_NONBLOCK);
    show_ok("inotify_init1", fd);
    show_ok("inotify_init", sys_inotify_init());
    show("inotify_init1 bad", sys_inotify_init1(1));
    i64 w = sys_inotify_add_watch(fd, ".", 0x100);
    show("inotify_add_watch", w);
    show("inotify_add_watch none", sys_inotify_add_watch(fd, "none", 0x100));
    sys_open("new", O_CREAT | O_RDWR, 0600);
    show("read", sys_read(fd, b, sizeof b));
    show_text("  name", b + 16);
    show("inotify_rm_watch", sys_inotify_rm_watch(fd, w));
    show("inotify_rm_watch again", sys_inotify_rm_watch(fd, w));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    i32 full[2], empty[2];
    sys_pipe(full);
    sys_pipe(empty);
    sys_write(full[1], "x", 1);
    polling(full[0], empty[0]);
    selecting(full[0], empty[0]);
    epolling(full[0], empty[0]);
    counters();
    watching();
    return 0;
}
