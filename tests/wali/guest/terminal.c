// SPDX-License-Identifier: Apache-2.0
// Terminal control on a pseudo-terminal: structures, integer arguments, and refusals.
#include "guest.h"

static char *decimal(char *to, i32 v) {
    char digits[12];
    int n = 0;
    do digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n) *to++ = digits[--n];
    *to = 0;
    return to;
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    char path[32] = "/dev/pts/", b[64];
    u32 t[16];
    u16 size[4] = {24, 80, 0, 0};
    i32 zero = 0, number = -1;
    i64 master = sys_open("/dev/ptmx", O_RDWR | 0400, 0);
    show_ok("ptmx", master);
    show("TIOCSPTLCK", sys_ioctl(master, 0x40045431, &zero));
    show("TIOCGPTN", sys_ioctl(master, 0x80045430, &number));
    decimal(path + 9, number);
    i64 slave = sys_open(path, O_RDWR | 0400, 0);
    show_ok("slave", slave);
    show_ok("TIOCGPTPEER", sys_ioctl(master, 0x5441, O_RDWR | 0400));
    show("TCGETS", sys_ioctl(slave, 0x5401, t));
    show("  iflag", t[0]);
    show("  oflag", t[1]);
    show("  cflag", t[2]);
    show("  lflag", t[3]);
    t[3] &= ~(2U | 8U);  // ICANON, ECHO
    show("TCSETS", sys_ioctl(slave, 0x5402, t));
    show("TCSETSF", sys_ioctl(slave, 0x5404, t));
    show("TCGETS null", sys_ioctl(slave, 0x5401, 0));
    show("TIOCSWINSZ", sys_ioctl(slave, 0x5414, size));
    size[0] = size[1] = 0;
    show("TIOCGWINSZ", sys_ioctl(master, 0x5413, size));
    show("  rows", size[0]);
    show("  columns", size[1]);
    show("write", sys_write(master, "k", 1));
    struct {
        i32 fd;
        i16 events, revents;
    } arrival = {(i32)slave, 1, 0};
    show("poll", sys_poll(&arrival, 1, 5000));  // what is written reaches the other side a little later
    show("FIONREAD", sys_ioctl(slave, 0x541B, &number));
    show("  bytes", number);
    show("read", sys_read(slave, b, sizeof b));
    show("TCFLSH", sys_ioctl(slave, 0x540B, 2));
    show("TCFLSH bad", sys_ioctl(slave, 0x540B, 9));
    show("TCSBRK drain", sys_ioctl(slave, 0x5409, 1));
    show("TCXONC", sys_ioctl(slave, 0x540A, 1));
    show("TIOCEXCL", sys_ioctl(slave, 0x540C, 0));
    show("TIOCNXCL", sys_ioctl(slave, 0x540D, 0));
    show("TIOCGPGRP", sys_ioctl(slave, 0x540F, &number));
    show("FIONBIO", sys_ioctl(slave, 0x5421, &slave));
    show("TCGETS of a file", sys_ioctl(sys_open("f", O_CREAT | O_RDWR, 0600), 0x5401, t));
    show("unknown", sys_ioctl(slave, 0x12345678, t));
    show("bad fd", sys_ioctl(-1, 0x5401, t));
    show("bad fd, unknown", sys_ioctl(99, 0x12345678, t));
    i64 s = sys_socket(2, 2, 0);
    u8 interface[40];
    memset(interface, 0, sizeof interface);
    memcpy(interface, "lo", 2);
    show("SIOCGIFINDEX", sys_ioctl(s, 0x8933, interface));
    show("SIOCGIFFLAGS", sys_ioctl(s, 0x8913, interface));
    struct {
        i32 length;
        void *buffer;
    } list = {0, 0};
    show("SIOCGIFCONF", sys_ioctl(s, 0x8912, &list));
    show("  length", list.length > 0);
    char interfaces[400];
    list.length = 40, list.buffer = interfaces;
    show("SIOCGIFCONF", sys_ioctl(s, 0x8912, &list));
    show_text("  first", interfaces);
    return 0;
}
