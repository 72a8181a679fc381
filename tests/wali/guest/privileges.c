// SPDX-License-Identifier: Apache-2.0
// Calls for which privileges are needed, or which change the process for good: each in a child of its own, and with
// arguments that change nothing outside it. The native twin runs as the same user.
#include "guest.h"
#include "guest_process.h"

static void session(void) {
    show("setsid", sys_setsid() > 0);
    show("setsid again", sys_setsid());
    show("getsid", sys_getsid(0) == sys_getpid());
    show("vhangup", sys_vhangup());  // a new session has no terminal to hang up
}

static void groups(void) {
    u32 list[3] = {100, 200, 300}, got[8];
    i64 set = sys_setgroups(3, list);
    show("setgroups", set);
    if (set == 0) show("getgroups", sys_getgroups(8, got));
    show("setgroups null", sys_setgroups(3, 0));
    show("setgroups many", sys_setgroups(100000, list));
}

static void capabilities(void) {
    u32 header[2] = {0x20080522, 0}, data[6];
    show("capget", sys_capget(header, data));
    show("capset same", sys_capset(header, data));
    data[0] = data[3] = 0;
    show("capset fewer", sys_capset(header, data));
    show("setuid after", sys_setuid(12345));
    show("capset null", sys_capset(0, data));
    header[0] = 1;
    show("capset bad", sys_capset(header, data));
}

static void roots(void) {
    sys_mkdir("root", 0755);
    show("chroot none", sys_chroot("none"));
    i64 changed = sys_chroot("root");
    show("chroot", changed);
    if (changed == 0) show("nothing here", sys_access("/proc", 0));
}

static void administration(void) {
    struct timeval_t bad = {0, -1};
    show("settimeofday bad", sys_settimeofday(&bad, 0));
    show("sethostname bad", sys_sethostname(0, 5000));
    show("setdomainname bad", sys_setdomainname("x", -1));
    show("mount none", sys_mount("none", "no/such/place", "tmpfs", 0, 0));
    show("mount null", sys_mount(0, 0, 0, 0, 0));
    show("umount2 none", sys_umount2("no/such/place", 0));
    show("umount2 bad", sys_umount2(".", 0x7000));
    show("pivot_root none", sys_pivot_root("none", "none"));
    show("acct none", sys_acct("no/such/file"));
    show("sync", sys_sync());
    show("syslog bad", sys_syslog(99, 0, 0));
    show("syslog null", sys_syslog(3, 0, 10));
    show("syslog size", sys_syslog(10, 0, 0));
    show("munlockall", sys_munlockall());
}

static void landlock(void) {
    u64 attributes[2] = {2, 0};  // writing to files
    show("version", sys_landlock_create_ruleset(0, 0, 1) > 0);
    show("create bad", sys_landlock_create_ruleset(attributes, 0, 0));
    i64 rules = sys_landlock_create_ruleset(attributes, 8, 0);
    show_ok("landlock_create_ruleset", rules);
    if (rules < 0) return;
    struct __attribute__((packed)) {
        u64 allowed;
        i32 parent;
    } rule = {2, -1};
    sys_mkdir("closed", 0755), sys_mkdir("open", 0755);
    rule.parent = (i32)sys_open("open", O_PATH, 0);
    show("landlock_add_rule", sys_landlock_add_rule(rules, 1, &rule, 0));
    show("landlock_add_rule bad", sys_landlock_add_rule(rules, 99, &rule, 0));
    show("landlock_add_rule bad fd", sys_landlock_add_rule(-1, 1, &rule, 0));
    show("PR_SET_NO_NEW_PRIVS", sys_prctl(38, 1, 0, 0, 0));
    show("landlock_restrict_self", sys_landlock_restrict_self(rules, 0));
    show("landlock_restrict_self bad", sys_landlock_restrict_self(-1, 0));
    show_ok("write allowed", sys_open("open/new", O_WRONLY | O_CREAT, 0600));
    show_ok("write elsewhere", sys_open("closed/new", O_WRONLY | O_CREAT, 0600));
    show_ok("read", sys_open("file", O_RDONLY, 0));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    sys_close(sys_open("file", O_CREAT | O_RDWR, 0644));
    in_child(session);
    in_child(groups);
    in_child(capabilities);
    in_child(roots);
    in_child(administration);
    in_child(landlock);
    u64 mask = 0;
    show("signalfd", sys_signalfd(-1, &mask, 8) >= 0);
    show("signalfd size", sys_signalfd(-1, &mask, 128));
    i32 information[32] = {0, 0, -1};  // SI_QUEUE
    show("rt_tgsigqueueinfo", sys_rt_tgsigqueueinfo(sys_getpid(), sys_gettid(), 0, information));
    show("rt_tgsigqueueinfo bad", sys_rt_tgsigqueueinfo(-1, -1, 0, information));
    i64 self = sys_pidfd_open(sys_getpid(), 0);
    show("pidfd_send_signal", sys_pidfd_send_signal(self, 0, 0, 0));
    show("pidfd_send_signal bad", sys_pidfd_send_signal(-1, 0, 0, 0));
    usize head = 0, length = 0;
    show("get_robust_list", sys_get_robust_list(0, &head, &length));
    show("get_robust_list null", sys_get_robust_list(0, 0, 0));
    show("get_robust_list of the parent", sys_get_robust_list(sys_getppid(), &head, &length));
    show("get_robust_list of nobody", sys_get_robust_list(0x7FFFFFF0, &head, &length));
    char *words[] = {"none", 0};
    show("execveat none", sys_execveat(AT_FDCWD, "no/such/program", words, 0, 0));
    show("execveat bad", sys_execveat(-1, "program", words, 0, 0));
    return 0;
}
