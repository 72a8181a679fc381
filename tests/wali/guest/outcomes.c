// SPDX-License-Identifier: Apache-2.0
// Each call must be seen to succeed and to fail, here or in another program (../outcomes.py counts). These are the ones
// that the others, each about its own matter, see only one side of.
#include "guest.h"
#include "guest_process.h"
#include "guest_signal.h"

#define BAD ((void *)0x7FFFFFF0)

static void files_fail(void) {
    u8 b[256];
    show("lstat", sys_lstat("none", b));
    show("pwrite64", sys_pwrite64(-1, b, 1, 0));
    show("fsync", sys_fsync(-1));
    show("fdatasync", sys_fdatasync(-1));
    show("getdents", sys_getdents(-1, b, 64));
    show("creat", sys_creat("no/such", 0600));
    show("fchmod", sys_fchmod(-1, 0600));
    show("chown", sys_chown("none", 0, 0));
    show("fchown", sys_fchown(-1, 0, 0));
    show("lchown", sys_lchown("none", 0, 0));
    show("utime", sys_utime("none", 0));
    show("utimes", sys_utimes("none", 0));
    show("mknod", sys_mknod("no/such", 0100600, 0));
    show("readahead", sys_readahead(-1, 0, 1));
    show("mkdirat", sys_mkdirat(-1, "x", 0700));
    show("mknodat", sys_mknodat(-1, "x", 0100600, 0));
    show("fchownat", sys_fchownat(-1, "x", 0, 0, 0));
    show("futimesat", sys_futimesat(-1, "x", 0));
    show("renameat", sys_renameat(-1, "x", -1, "y"));
    show("linkat", sys_linkat(-1, "x", -1, "y", 0));
    show("symlinkat", sys_symlinkat("x", -1, "y"));
    show("readlinkat", sys_readlinkat(-1, "x", b, 10));
    show("fchmodat", sys_fchmodat(-1, "x", 0600, 0));
    show("faccessat", sys_faccessat(-1, "x", 0, 0));
    show("tee", sys_tee(-1, -1, 1, 0));
    show("sync_file_range", sys_sync_file_range(-1, 0, 0, 2));
    show("pwritev", sys_pwritev(-1, b, 0, 0, 0));
    show("pwritev2", sys_pwritev2(-1, b, 0, 0, 0, 0));
    show("syncfs", sys_syncfs(-1));
    show("copy_file_range", sys_copy_file_range(-1, 0, -1, 0, 1, 0));
    show("statx", sys_statx(-1, "x", 0, 0x7FF, b));
    show("fadvise", sys_fadvise(-1, 0, 0, 0));
}

static void attributes(void) {
    u8 b[64];
    const char *name = "user.colour";
    show("lsetxattr", sys_lsetxattr("file", name, "red", 3, 0));
    show("lgetxattr", sys_lgetxattr("file", name, b, sizeof b));
    show("lremovexattr", sys_lremovexattr("file", name));
    show("lsetxattr none", sys_lsetxattr("none", name, "red", 3, 0));
    show("lgetxattr none", sys_lgetxattr("none", name, b, sizeof b));
    show("lremovexattr none", sys_lremovexattr("none", name));
    show("fsetxattr", sys_fsetxattr(-1, name, "red", 3, 0));
    show("getxattr", sys_getxattr("none", name, b, sizeof b));
    show("fgetxattr", sys_fgetxattr(-1, name, b, sizeof b));
    show("listxattr", sys_listxattr("none", b, sizeof b));
    show("llistxattr", sys_llistxattr("none", b, sizeof b));
    show("flistxattr", sys_flistxattr(-1, b, sizeof b));
    show("removexattr", sys_removexattr("none", name));
    show("fremovexattr", sys_fremovexattr(-1, name));
}

static void network_and_events_fail(void) {
    u8 b[64] = {0};
    i32 size = sizeof b;
    show("listen", sys_listen(-1, 1));
    show("getpeername", sys_getpeername(-1, b, &size));
    show("signalfd4", sys_signalfd4(-1, b, 9, 0));
    show("timerfd_gettime", sys_timerfd_gettime(-1, b));
    show("epoll_pwait2", sys_epoll_pwait2(-1, b, 1, 0, 0, 8));
    show("mq_getsetattr", sys_mq_getsetattr(-1, 0, b));
    show("msgget", sys_msgget(0x57414C49, 0));
}
static void no_more_descriptors(void) {
    u64 limit[2] = {3, 3};
    show("prlimit64", sys_prlimit64(0, 7, limit, 0));
    show("inotify_init", sys_inotify_init());
    show("eventfd", sys_eventfd(0));
}

static void processes(void) {
    u8 b[128];
    u64 mask = 1;
    show("kill", sys_kill(sys_getpid(), 999));
    show("getpgid", sys_getpgid(-1));
    show("rt_sigqueueinfo", sys_rt_sigqueueinfo(sys_getpid(), 999, b));
    show("setpriority", sys_setpriority(99, 0, 0));
    show("sched_getparam", sys_sched_getparam(-1, b));
    show("sched_getscheduler", sys_sched_getscheduler(-1));
    show("sched_get_priority_min", sys_sched_get_priority_min(99));
    show("sched_rr_get_interval", sys_sched_rr_get_interval(-1, b));
    show("sched_setaffinity", sys_sched_setaffinity(-1, 8, &mask));
    show("sched_getattr", sys_sched_getattr(-1, b, 48, 0));
    show("waitid", sys_waitid(99, 0, b, 4, 0));
    show("ioprio_get", sys_ioprio_get(99, 0));
    show("prlimit64", sys_prlimit64(0, 99, 0, 0));
    show("getcpu", sys_getcpu(BAD, 0, 0));
    show("setgid", sys_setgid(-1));
    show("getresgid", sys_getresgid(BAD, BAD, BAD));
    i32 priority = 0;
    show("sched_setparam", sys_sched_setparam(0, &priority));
    show("sched_setscheduler", sys_sched_setscheduler(0, 0, &priority));
    show("ioprio_set", sys_ioprio_set(1, 0, 2 << 13 | 4));
}
static void own_group(void) { show("setpgid", sys_setpgid(0, 0)); }
static void as_nobody(void) {
    show_ok("setresgid", sys_setresgid(65534, 65534, 65534));
    show_ok("setresuid", sys_setresuid(65534, 65534, 65534));
    show("setreuid", sys_setreuid(0, 0));
    show("setregid", sys_setregid(0, 0));
    show("setresuid", sys_setresuid(0, 0, 0));
    show("setresgid", sys_setresgid(0, 0, 0));
    show("setgid", sys_setgid(0));
    show("vhangup", sys_vhangup());
}
static void become_true(void) {
    char *words[] = {"true", 0}, *none[] = {0};
    i64 folder = sys_open("/bin", O_PATH, 0);
    show("execveat", sys_execveat(folder, "true", words, none, 0));
}

static void clocks_fail(void) {
    u8 b[64];
    show("getitimer", sys_getitimer(99, b));
    show("gettimeofday", sys_gettimeofday(BAD, 0));
    show("times", sys_times(BAD));
    show("time", sys_time(BAD));
    show("adjtimex", sys_adjtimex(BAD));
    show("clock_getres", sys_clock_getres(99, b));
    show("timer_settime", sys_timer_settime(12345, 0, b, 0));
    show("timer_getoverrun", sys_timer_getoverrun(12345));
}

static void memory(void) {
    i64 pages = sys_mmap(0, 8192, 3, 0x22, -1, 0);
    show("mlock2", sys_mlock2(pages, 4096, 0));
    show("munlock", sys_munlock(pages, 4096));
    sys_munmap(pages, 8192);
    show("munlock nothing", sys_munlock(pages, 4096));
    show("mlockall", sys_mlockall(1));
    show("munlockall", sys_munlockall());
}

static void handles(void) {
    u32 handle[34] = {128, 0}, small[2] = {0, 0};
    i64 mount = 0;
    show("name_to_handle_at small", sys_name_to_handle_at(AT_FDCWD, "file", small, &mount, 0));
    i64 made = sys_name_to_handle_at(AT_FDCWD, "file", handle, &mount, 0);
    show("name_to_handle_at", made);
    i64 folder = sys_open(".", O_RDONLY | O_DIRECTORY, 0);
    if (made == 0) show_ok("open_by_handle_at", sys_open_by_handle_at(folder, handle, O_RDONLY));
    struct {
        u16 number;
        i16 change, flags;
    } up = {0, 1, 0};
    i64 semaphore = sys_semget(0, 1, 01600);
    show("semtimedop", sys_semtimedop(semaphore, &up, 1, 0));
    show("faccessat2", sys_faccessat2(AT_FDCWD, "file", 4, 0x100));
}

int guest_main(int argc, char **argv) {
    (void)argc, (void)argv;
    sys_close(sys_open("file", O_CREAT | O_RDWR, 0644));
    files_fail();
    attributes();
    network_and_events_fail();
    in_child(no_more_descriptors);
    in_child(processes);
    in_child(own_group);
    in_child(as_nobody);
    in_child(become_true);
    clocks_fail();
    in_child(memory);
    handles();
    return 0;
}
