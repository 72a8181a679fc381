// SPDX-License-Identifier: Apache-2.0
// Requests of ioctl that programs make of files, devices, namespaces and processes.
#include "guest.h"

enum { NOWHERE = 0x7FFFF000 };
// Their numbers hold the size of size_t.
#ifdef __wasm__
#define SIZE_T(number) ((number) | 4u << 16)
#else
#define SIZE_T(number) ((number) | 8u << 16)
#endif
#define BLKGETSIZE64 SIZE_T(0x80001272u)
#define BLKBSZGET    SIZE_T(0x80001270u)

static void extents(void) {
    struct {
        u64 start, length;
        u32 flags, mapped, room, reserved;
        u64 extents[4][7];
    } map = {0, ~0ULL, 0, 77, 4, 0, {{0}}};
    i64 fd = sys_open("file", O_CREAT | O_RDWR, 0600);
    show("write", sys_write(fd, "some bytes", 10));
    i64 r = sys_ioctl(fd, 0xC020660B, &map);
    show("FS_IOC_FIEMAP", r);
    show("  mapped", map.mapped);
    show("  room", map.room);
    if (r == 0 && map.mapped) show("  starts", (i64)map.extents[0][0]);
    map.room = 0x7FFFFFFF;
    show("FS_IOC_FIEMAP too many", sys_ioctl(fd, 0xC020660B, &map));
    map.room = 4, map.flags = 0x80000000;
    show("FS_IOC_FIEMAP flags", sys_ioctl(fd, 0xC020660B, &map));
    show("FS_IOC_FIEMAP nowhere", sys_ioctl(fd, 0xC020660B, NOWHERE));
}

static void equal_ranges(void) {
    struct {
        u64 offset, length;
        u16 count, pad[3];
        struct {
            i64 fd;
            u64 offset, done;
            i32 status, pad;
        } others[2];
    } range = {0, 4096, 2, {0}, {{0}}};
    i64 fd = sys_open("one", O_CREAT | O_RDWR, 0600), other = sys_open("other", O_CREAT | O_RDWR, 0600);
    sys_ftruncate(fd, 4096), sys_ftruncate(other, 4096);
    range.others[0].fd = other, range.others[1].fd = -1;
    show("FIDEDUPERANGE", sys_ioctl(fd, 0xC0189436, &range));
    show("  status", range.others[0].status);
    show("  of none", range.others[1].status);
    show("  descriptor", range.others[0].fd == other && range.others[1].fd == -1);
    range.count = 128;
    show("FIDEDUPERANGE too many", sys_ioctl(fd, 0xC0189436, &range));
    show("FIDEDUPERANGE nowhere", sys_ioctl(fd, 0xC0189436, NOWHERE));
    show("FIDEDUPERANGE of none", sys_ioctl(-1, 0xC0189436, &range));
}

static void namespaces(void) {
    u32 owner = 99;
    u64 number = 0;
    i64 fd = sys_open("/proc/self/ns/user", O_RDONLY, 0);
    show_ok("open", fd);
    show("NS_GET_NSTYPE", sys_ioctl(fd, 0xB703, 0));
    show("NS_GET_OWNER_UID", sys_ioctl(fd, 0xB704, &owner));
    show("  owner", owner);
    show("NS_GET_OWNER_UID nowhere", sys_ioctl(fd, 0xB704, NOWHERE));
    show_ok("NS_GET_PARENT", sys_ioctl(fd, 0xB702, 0));
    fd = sys_open("/proc/self/ns/mnt", O_RDONLY, 0);
    show_ok("NS_GET_USERNS", sys_ioctl(fd, 0xB701, 0));
    show("NS_GET_MNTNS_ID", sys_ioctl(fd, 0x8008B705, &number));
    show("  number", number != 0);
}

static void processes(void) {
    u64 info[8] = {1};  // the process id is asked for
    i64 fd = sys_pidfd_open(sys_getpid(), 0);
    i64 r = sys_ioctl(fd, 0xC040FF0B, info);
    show("PIDFD_GET_INFO", r);
    if (r == 0) show("  pid", (u32)info[2] == (u32)sys_getpid());
    show("PIDFD_GET_INFO nowhere", sys_ioctl(fd, 0xC040FF0B, NOWHERE));
    show_ok("PIDFD_GET_UTS_NAMESPACE", sys_ioctl(fd, 0xFF0A, 0));
    i64 tun = sys_open("/dev/net/tun", O_RDWR, 0);
    u32 features = 0;
    show_ok("tun", tun);
    if (tun < 0) return;
    show("TUNGETFEATURES", sys_ioctl(tun, 0x800454CF, &features));
    show("  features", features);
}

// A block device, where this user may have one. Others take them at the same time.
static i64 attached(i64 file) {
    i64 control = sys_open("/dev/loop-control", O_RDWR, 0);
    show_ok("loop-control", control);
    char path[32] = "/dev/loop";
    for (int attempt = 0; control >= 0 && attempt < 1000; ++attempt) {
        i64 number = sys_ioctl(control, 0x4C82, 0);
        if (number < 0) return number;
        char digits[8];
        int n = 0, at = 9;
        do digits[n++] = (char)('0' + number % 10);
        while (number /= 10);
        while (n) path[at++] = digits[--n];
        path[at] = 0;
        i64 device = sys_open(path, O_RDWR, 0);
        if (device < 0) return device;
        if (sys_ioctl(device, 0x4C00, file) == 0) return device;
        sys_close(device);
    }
    return -1;
}
static void block_device(void) {
    static u64 status[29];
    u64 bytes = 0;
    u32 size = 0;
    i64 file = sys_open("image", O_CREAT | O_RDWR, 0600);
    sys_ftruncate(file, 1 << 20);
    i64 device = attached(file);
    show_ok("device", device);
    if (device < 0) return;
    show("LOOP_GET_STATUS64", sys_ioctl(device, 0x4C05, status));
    show("  offset", (i64)status[3]);
    status[3] = 4096;
    ((u32*)status)[13] |= 4;  // LO_FLAGS_AUTOCLEAR
    show("LOOP_SET_STATUS64", sys_ioctl(device, 0x4C04, status));
    show("BLKGETSIZE64", sys_ioctl(device, BLKGETSIZE64, &bytes));
    show("  bytes", (i64)bytes);
    show("BLKGETSIZE64 nowhere", sys_ioctl(device, BLKGETSIZE64, NOWHERE));
    show("BLKBSZGET", sys_ioctl(device, BLKBSZGET, &size));
    show("  bytes", size);
    show("LOOP_SET_FD again", sys_ioctl(device, 0x4C00, file));
    show("LOOP_SET_STATUS64 nowhere", sys_ioctl(device, 0x4C04, NOWHERE));
    show("LOOP_CLR_FD", sys_ioctl(device, 0x4C01, 0));
}

// Events without descriptors, which anybody may ask for.
static void events(void) {
    enum { ADD = 1, CREATED = 0x100 };
    u32 event[64];
    i64 group = sys_fanotify_init(0x200 | 2, O_RDONLY);  // names by handle, without waiting
    show_ok("fanotify_init", group);
    show("fanotify_init flags", sys_fanotify_init(0x80000000, O_RDONLY));
    show("fanotify_mark", sys_fanotify_mark(group, ADD, CREATED, AT_FDCWD, "."));
    sys_close(sys_open("created", O_CREAT | O_RDWR, 0600));
    i64 bytes = sys_read(group, event, sizeof event);
    show_ok("read", bytes);
    if (bytes > 0) show("  event", event[2]);
    show("fanotify_mark none", sys_fanotify_mark(group, ADD, CREATED, AT_FDCWD, "none"));
    show("fanotify_mark flags", sys_fanotify_mark(group, ADD | 2, CREATED, AT_FDCWD, "."));
    show("fanotify_mark mask", sys_fanotify_mark(group, ADD, 0, AT_FDCWD, "."));
    show("fanotify_mark nowhere", sys_fanotify_mark(group, ADD, CREATED, AT_FDCWD, NOWHERE));
    show("fanotify_mark null", sys_fanotify_mark(group, ADD, CREATED, -1, 0));
    show("fanotify_mark no group", sys_fanotify_mark(0, ADD, CREATED, AT_FDCWD, "."));
    show("fanotify_mark removed", sys_fanotify_mark(group, 2, CREATED, AT_FDCWD, "."));
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    extents();
    equal_ranges();
    namespaces();
    processes();
    block_device();
    events();
    return 0;
}
