// SPDX-License-Identifier: Apache-2.0
// Calls that name objects of the kernel, or hold addresses inside: attributes by structure, descriptors of a process by
// number, processes that share too much.
#include "attack.h"

enum { SIGCHLD_NR = 17 };
static u64 base, image;
static i32 own;  // a descriptor of the runtime's

// In the child: a process has such a descriptor from its second thread on.
static int find_own(void) {
    own = own_descriptor();
    company_leaves = 1;
    wake(&company_leaves, 1);
    join(&company);
    return own > 2;
}

struct xattr_args {
    u64 value;
    u32 size, flags;
};
static int answers(i64 result) {
    return result == -38 || result == -95 ? NOT_HERE : CONTAINED;  // not this kernel, or file system
}
static int attribute_of_runtime(void) {
    char got[4] = {0};
    struct xattr_args set = {image, sizeof got, 0};
    sys_open("file", O_CREAT | O_RDWR, 0600);
    i64 r = sys_setxattrat(AT_FDCWD, "file", 0, "user.attack", &set, sizeof set);
    sys_getxattr("file", "user.attack", got, sizeof got);
    return is_elf(got) ? REACHED : answers(r);
}
static int attribute_into_runtime(void) {
    static u32 victim = 77;
    struct xattr_args get = {base + (u64)(usize)&victim, sizeof victim, 0};
    sys_open("file", O_CREAT | O_RDWR, 0600);
    i64 set = sys_setxattr("file", "user.attack", "1234", 4, 0);
    i64 r = sys_getxattrat(AT_FDCWD, "file", 0, "user.attack", &get, sizeof get);
    return victim != 77 ? REACHED : answers(set < 0 ? set : r);
}
static int two_tables(void) {
    start_company();
    return sys_unshare(0x400) >= 0 ? REACHED : CONTAINED;
}
static int one_table_for_two(void) {
    i64 pid = sys_clone(0x400 | SIGCHLD_NR, 0, 0, 0, 0);
    if (pid == 0) sys_exit_group(0);
    return pid > 0 ? REACHED : CONTAINED;
}
static int descriptor_taken(void) {
    if (!find_own()) return NOT_HERE;
    i64 self = sys_pidfd_open(sys_getpid(), 0);
    i64 r = sys_pidfd_getfd(self, own, 0);
    return r >= 0 ? REACHED : r == -1 ? NOT_HERE : CONTAINED;
}
static int descriptor_compared(void) {
    if (!find_own()) return NOT_HERE;
    i64 r = sys_kcmp(sys_getpid(), sys_getpid(), 0, own, own);
    return r == 0 ? REACHED : r == -1 || r == -38 ? NOT_HERE : CONTAINED;
}

// The descriptor that an event would carry. Only a true root gets such.
static int memory_by_event(void) {
    u32 event[6] = {0};
    i64 group = sys_fanotify_init(2, O_RDWR);
    if (group < 0) return NOT_HERE;
    sys_fanotify_mark(group, 1, 0x20, AT_FDCWD, "/proc/self/mem");
    sys_close(sys_open("/proc/self/mem", O_RDONLY, 0));
    return sys_read(group, event, sizeof event) > 0 ? REACHED : CONTAINED;
}

static const struct attack attacks[] = {
    {"attribute of the runtime's memory", attribute_of_runtime, 0},
    {"attribute into the runtime's memory", attribute_into_runtime, 0},
    {"two tables of descriptors", two_tables, 0},
    {"one table for two processes", one_table_for_two, 0},
    {"descriptor taken", descriptor_taken, 0},
    {"descriptor compared", descriptor_compared, 0},
    {"memory by an event", memory_by_event, 0},
};

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    base = host_base();
    image = runtime_image();
    RUN(attacks);
    return 0;
}
