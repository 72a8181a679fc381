// SPDX-License-Identifier: Apache-2.0
// Keys, comparisons and descriptors of other processes, personalities, processes made by clone.
#include "guest.h"
#include "guest_process.h"

enum { NOWHERE = 0x7FFFF000, SIGCHLD = 17 };

static void keys(void) {
    char text[256] = {0}, payload[16] = {0};
    show_ok("keyctl JOIN_SESSION_KEYRING", sys_keyctl(1, 0, 0, 0, 0));
    i64 key = sys_add_key("user", "wali", "secret", 6, -3);
    show_ok("add_key", key);
    show("add_key nowhere", sys_add_key("user", "wali", NOWHERE, 6, -3));
    show("add_key null", sys_add_key(0, "wali", "secret", 6, -3));
    show("request_key", sys_request_key("user", "wali", 0, 0) == key);
    show("request_key none", sys_request_key("user", "wali: no such", 0, 0));
    show("keyctl READ", sys_keyctl(11, key, payload, sizeof payload, 0));
    show_text("  payload", payload);
    show("keyctl READ nowhere", sys_keyctl(11, key, NOWHERE, 16, 0));
    show_ok("keyctl DESCRIBE", sys_keyctl(6, key, text, sizeof text, 0));
    show("  user", starts_with(text, "user;"));
    show("keyctl SEARCH", sys_keyctl(10, -3, "user", "wali", 0) == key);
    show("keyctl SEARCH nowhere", sys_keyctl(10, -3, NOWHERE, "wali", 0));
    show("keyctl UPDATE", sys_keyctl(2, key, "another", 7, 0));
    show("keyctl SET_TIMEOUT", sys_keyctl(15, key, 100, 0, 0));
    show("keyctl REVOKE", sys_keyctl(3, key, 0, 0, 0));
    show("keyctl READ revoked", sys_keyctl(11, key, payload, sizeof payload, 0));
    show("keyctl unknown", sys_keyctl(999, 0, 0, 0, 0));
}

static void comparisons(void) {
    i64 self = sys_getpid(), fd = sys_open("file", O_CREAT | O_RDWR, 0600), copy = sys_dup(fd);
    i64 other = sys_open("file", O_RDONLY, 0);
    show("kcmp same file", sys_kcmp(self, self, 0, fd, copy));
    show("kcmp other file", sys_kcmp(self, self, 0, fd, other) > 0);
    show("kcmp not open", sys_kcmp(self, self, 0, fd, 900));
    show("kcmp memory", sys_kcmp(self, self, 1, 0, 0));
    show("kcmp type", sys_kcmp(self, self, 99, 0, 0));
    show("kcmp nobody", sys_kcmp(self, 0x7FFFFFF0, 1, 0, 0));
    struct {
        u32 epoll, target, offset;
    } slot = {(u32)sys_epoll_create1(0), 0, 0};
    i32 ends[2];
    sys_pipe2(ends, 0);
    slot.target = (u32)ends[0];
    u32 event[3] = {1, 0, 0};
    show("epoll_ctl", sys_epoll_ctl(slot.epoll, 1, ends[0], event));
    show("kcmp epoll", sys_kcmp(self, self, 7, ends[0], (usize)&slot));
    show("kcmp epoll nowhere", sys_kcmp(self, self, 7, ends[0], NOWHERE));
}

static void taken(void) {
    i64 process = sys_pidfd_open(sys_getpid(), 0);
    i64 fd = sys_open("file", O_RDONLY, 0), copy = sys_pidfd_getfd(process, fd, 0);
    show_ok("pidfd_getfd", copy);
    show("  same", sys_kcmp(sys_getpid(), sys_getpid(), 0, fd, copy));
    show("pidfd_getfd not open", sys_pidfd_getfd(process, 900, 0));
    show("pidfd_getfd flags", sys_pidfd_getfd(process, fd, 1));
    show("pidfd_getfd no process", sys_pidfd_getfd(fd, 0, 0));
}

static void personalities(void) {
    show("personality", sys_personality(0xFFFFFFFF) & 0xFF);
    show_ok("personality", sys_personality(0x0840000));  // 32-bit addresses, no randomness
    show("  now", sys_personality(0xFFFFFFFF));
    show("  before", sys_personality(0));
    show("  now", sys_personality(0xFFFFFFFF));
}

static void file_systems(void) {
    char name[64];
    u64 status[4];
    struct stat_t root;
    show_ok("sysfs count", sys_sysfs(3, 0, 0));
    show_ok("sysfs number", sys_sysfs(1, "proc", 0));
    i64 number = sys_sysfs(1, "proc", 0);
    show("sysfs name", sys_sysfs(2, number, name));
    show_text("  name", name);
    show("sysfs unknown", sys_sysfs(1, "no such", 0));
    show("sysfs nowhere", sys_sysfs(1, NOWHERE, 0));
    show("sysfs to nowhere", sys_sysfs(2, number, NOWHERE));
    show("sysfs option", sys_sysfs(9, 0, 0));
    show("stat", sys_stat("/proc", &root));
    show("ustat", sys_ustat((u32)root.dev, status));
    show("ustat none", sys_ustat(0xFFFFF, status));
    show("ustat nowhere", sys_ustat((u32)root.dev, NOWHERE));
}

// ---- processes made by clone

static i64 end_of(i64 pid) {
    i32 status = -1;
    i64 r = sys_wait4(pid, &status, 0x40000000, 0);  // __WALL
    return r == pid || pid == -1 ? status : r;
}
static void cloned(void) {
    i32 parent_word = 0, pidfd = -1;
    static i32 child_word;
    out_flush();
    i64 pid = sys_clone(0x1100000 | SIGCHLD, 0, &parent_word, &child_word, 0);  // both words
    if (pid == 0) sys_exit_group(child_word == (i32)sys_gettid() && parent_word == 0 ? 7 : 1);
    show("clone", end_of(pid));
    show("  parent's word", parent_word == pid);
    show("  child's word", child_word);
    pid = sys_clone(0x1000, 0, &pidfd, 0, 0);  // a descriptor, no signal
    if (pid == 0) sys_exit_group(sys_getpid() == sys_gettid() ? 8 : 1);
    show("clone with pidfd", end_of(pid));
    show("  descriptor", pidfd >= 0);
    pid = sys_fork();
    if (pid == 0) {
        i64 sibling = sys_clone(0x8000 | SIGCHLD, 0, 0, 0, 0);
        if (sibling == 0) sys_exit_group(10);
        sys_exit_group(sibling > 0 && sys_wait4(sibling, 0, 0x40000000, 0) == -10 ? 11 : 1);  // it is not its child
    }
    show("clone of a sibling", end_of(pid));
    show("  ends", end_of(-1));
    show("pidfd_send_signal", sys_pidfd_send_signal(pidfd, 0, 0, 0));
    u64 arguments[12] = {0x200, 0, 0, 0, SIGCHLD};  // the working directory is shared
    pid = sys_clone3(arguments, 88);
    if (pid == 0) {
        sys_mkdir("folder", 0700);
        sys_chdir("folder");
        sys_exit_group(9);
    }
    show("clone3", end_of(pid));
    show("  moved", sys_access("../folder", 0));
    sys_chdir("..");
    show("clone3 short", sys_clone3(arguments, 8));
    show("clone3 page", sys_clone3(arguments, 5000));
    show("clone3 nowhere", sys_clone3(NOWHERE, 88));
    arguments[11] = 1;
    show("clone3 unknown", sys_clone3(arguments, 96));
    arguments[0] = 1ULL << 40;
    show("clone3 flags", sys_clone3(arguments, 64));
    show("clone flags", sys_clone(0x20200 | SIGCHLD, 0, 0, 0, 0));  // a mount namespace, and a shared folder
    show("clone handlers", sys_clone(0x800 | SIGCHLD, 0, 0, 0, 0));
    show("unshare nothing", sys_unshare(0));
    show("unshare descriptors", sys_unshare(0x400));
    show("unshare folder", sys_unshare(0x200));
    show("unshare unknown", sys_unshare(1));
    show("setns", sys_setns(-1, 0));
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    in_child(keys);
    comparisons();
    taken();
    in_child(personalities);
    file_systems();
    cloned();
    return 0;
}
