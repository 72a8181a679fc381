// SPDX-License-Identifier: Apache-2.0
// Who the process is: ids, limits, names, scheduling, capabilities.
#include "guest.h"

static void ids(void) {
    u32 a, b, c, groups[64];
    show("getuid", sys_getuid());
    show("geteuid", sys_geteuid());
    show("getgid", sys_getgid());
    show("getegid", sys_getegid());
    show("getresuid", sys_getresuid(&a, &b, &c));
    show("  all alike", a == b && b == c);
    show("getresgid", sys_getresgid(&a, &b, &c));
    show("getresuid null", sys_getresuid(0, &b, &c));
    i64 n = sys_getgroups(64, groups);
    show("getgroups", n);
    show("getgroups count", sys_getgroups(0, 0) == n);
    show("getgroups negative", sys_getgroups(-1, groups));
    show("setreuid same", sys_setreuid(-1, -1));
    show("setregid same", sys_setregid(-1, -1));
    show("setresuid same", sys_setresuid(-1, -1, -1));
    show("setresgid same", sys_setresgid(-1, -1, -1));
    show("setuid same", sys_setuid(sys_getuid()));
    show("setgid same", sys_setgid(sys_getgid()));
    show("setfsuid", sys_setfsuid(-1) == sys_getuid());
    show("setfsgid", sys_setfsgid(-1) == sys_getgid());
    show("getpid is gettid", sys_getpid() == sys_gettid());
    show("getpgid", sys_getpgid(0) == sys_getpgrp());
    show_ok("getsid", sys_getsid(0));
    show("getsid none", sys_getsid(-5));
    show("getppid", sys_getppid() > 0);
    show("setpgid none", sys_setpgid(-1, 0));
    u32 header[2] = {0x20080522, 0}, data[6];
    show("capget", sys_capget(header, data));
    header[0] = 1;
    show("capget bad", sys_capget(header, data));
}

static void limits(void) {
    u64 limit[2], old[2];
    show("getrlimit", sys_getrlimit(7, limit));
    show("  files", (i64)limit[0]);
    limit[0] = 500;
    show("setrlimit", sys_setrlimit(7, limit));
    show("prlimit64", sys_prlimit64(0, 7, 0, old));
    show("  files", (i64)old[0]);
    show("getrlimit bad", sys_getrlimit(99, limit));
    show("setrlimit above", (limit[0] = limit[1] + 1, sys_setrlimit(7, limit)));
    i64 usage[18];
    show("getrusage", sys_getrusage(0, usage));
    show("  memory", usage[4] > 0);
    show("getrusage bad", sys_getrusage(99, usage));
}

static void names(void) {
    char b[16] = "";
    static char system[390];
    u64 info[14];
    show("uname", sys_uname(system));
    show_text("  system", system);
    show_text("  machine", system + 4 * 65);
    show("uname null", sys_uname(0));
    show("sysinfo", sys_sysinfo(info));
    show("  memory", info[4] > 0);
    show("PR_SET_NAME", sys_prctl(15, (usize)"a-name", 0x1234500000000LL, 0, 0));
    show("PR_GET_NAME", sys_prctl(16, (usize)b, 0, 0, 0));
    show_text("  name", b);
    show("PR_GET_NAME null", sys_prctl(16, 0, 0, 0, 0));
    show("PR_SET_DUMPABLE", sys_prctl(4, 1, 0, 0, 0));
    show("PR_GET_DUMPABLE", sys_prctl(3, 0, 0, 0, 0));
    i32 number = -1;
    show("PR_SET_PDEATHSIG", sys_prctl(1, 15, 0, 0, 0));
    show("PR_GET_PDEATHSIG", sys_prctl(2, (usize)&number, 0, 0, 0));
    show("  signal", number);
    show("PR_SET_PDEATHSIG bad", sys_prctl(1, 999, 0, 0, 0));
    show("PR_SET_NO_NEW_PRIVS", sys_prctl(38, 1, 0, 0, 0));
    show("PR_GET_NO_NEW_PRIVS", sys_prctl(39, 0, 0, 0, 0));
    show("PR_SET_NO_NEW_PRIVS bad", sys_prctl(38, 1, 1, 0, 0));
    show("PR_CAPBSET_READ", sys_prctl(23, 0, 0, 0, 0) >= 0);
    show("prctl unknown", sys_prctl(9999, 0, 0, 0, 0));
}

static void scheduling(void) {
    i32 priority = -1;
    u64 cpus[16] = {0};
    show("sched_yield", sys_sched_yield());
    show("sched_getscheduler", sys_sched_getscheduler(0));
    show("sched_getparam", sys_sched_getparam(0, &priority));
    show("  priority", priority);
    show("sched_setparam bad", (priority = 5, sys_sched_setparam(0, &priority)));
    show("sched_setscheduler bad", sys_sched_setscheduler(0, 99, &priority));
    show("sched_get_priority_max", sys_sched_get_priority_max(1));
    show("sched_get_priority_min", sys_sched_get_priority_min(1));
    show("sched_get_priority_max bad", sys_sched_get_priority_max(99));
    struct timespec_t t;
    show("sched_rr_get_interval", sys_sched_rr_get_interval(0, &t));
    i64 n = sys_sched_getaffinity(0, sizeof cpus, cpus);
    show("sched_getaffinity", n);
    show("sched_setaffinity", sys_sched_setaffinity(0, n, cpus));
    show("sched_getaffinity small", sys_sched_getaffinity(0, 1, cpus));
    u32 attributes[14] = {56};
    show("sched_getattr", sys_sched_getattr(0, attributes, sizeof attributes, 0));
    show("sched_setattr", sys_sched_setattr(0, attributes, 0));
    show("sched_setattr bad", sys_sched_setattr(0, attributes, 1));
    u32 cpu = 99999, node;
    show("getcpu", sys_getcpu(&cpu, &node, 0));
    show("  known", cpu < 99999);
    show("getpriority", sys_getpriority(0, 0));
    show("setpriority", sys_setpriority(0, 0, 1));
    show("getpriority bad", sys_getpriority(9, 0));
    show_ok("ioprio_get", sys_ioprio_get(1, 0));
    show("ioprio_set bad", sys_ioprio_set(9, 0, 0));
    show("membarrier", sys_membarrier(0, 0, 0) > 0);
    show("membarrier bad", sys_membarrier(0x4000, 0, 0));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    ids();
    limits();
    names();
    scheduling();
    char b[16];
    show("getrandom", sys_getrandom(b, 16, 0));
    show("getrandom bad", sys_getrandom(b, 16, 99));
    show_ok("pidfd_open", sys_pidfd_open(sys_getpid(), 0));
    show("pidfd_open none", sys_pidfd_open(-1, 0));
    return 0;
}
