// SPDX-License-Identifier: Apache-2.0
// System V shared memory: where segments are attached, what is counted, and how they end.
#include "guest.h"

enum {
    PAGE = 4096,
    RMID = 0,
    SET = 1,
    STAT = 2,
    INFO = 3,
    SHM_INFO = 14,
    CREATE = 01000,
    RDONLY = 010000,
    RND = 020000,
    REMAP = 040000,
    READ = 1,
    WRITE = 2,
    PRIVATE_ANON = 0x22,
    MAYMOVE = 1,
    MREMAP_TO = 2,
};

struct segment_t {
    i32 key;
    u32 uid, gid, creator_uid, creator_gid, mode, sequence, pad;
    u64 reserved[2];
    u64 bytes;
    i64 attach_time, detach_time, change_time;
    i32 creator_pid, last_pid;
    u64 attached, more[2];
};

static u8* attach(i32 id, u8* at, i32 flags) { return (u8*)(usize)sys_shmat(id, at, flags); }
static i64 attached(i32 id) {
    struct segment_t state = {0};
    i64 result = sys_shmctl(id, STAT, &state);
    return result < 0 ? result : (i64)state.attached;
}
// Room in which nothing is.
static u8* room(usize pages) {
    u8* p = (u8*)(usize)sys_mmap(0, pages * PAGE, 0, PRIVATE_ANON, -1, 0);
    sys_munmap(p, pages * PAGE);
    return p;
}
static int readable(u8* p) {
    i32 ends[2];
    sys_pipe(ends);
    int result = sys_write(ends[1], p, 1) == 1;
    sys_close(ends[0]), sys_close(ends[1]);
    return result;
}

static i32 make(void) {
    show("shmget of nothing", sys_shmget(0, 0, CREATE | 0600));
    show("shmget of what is not there", sys_shmget(0x57414C49, PAGE, 0600));
    i32 id = (i32)sys_shmget(0, 3 * PAGE + 5, CREATE | 0600);
    show_ok("shmget", id);
    struct segment_t state = {0};
    show("stat", sys_shmctl(id, STAT, &state));
    show("  bytes", (i64)state.bytes);
    show("  mode", state.mode);
    show("  attached", (i64)state.attached);
    show("  ours", state.creator_pid == sys_getpid() && state.uid == (u32)sys_geteuid());
    state.mode = 0640;
    show("set", sys_shmctl(id, SET, &state));
    show("stat", sys_shmctl(id, STAT, &state));
    show("  mode", state.mode);
    u64 limits[9] = {0}, usage[6] = {0};
    show_ok("info", sys_shmctl(0, INFO, limits));
    show("  smallest", (i64)limits[1]);
    show_ok("shm_info", sys_shmctl(0, SHM_INFO, usage));
    show("  some", (u32)usage[0] > 0 && usage[1] > 0);
    show("stat to nowhere", sys_shmctl(id, STAT, 0));
    show("unknown command", sys_shmctl(id, 99, &state));
    show("stat of nothing", sys_shmctl(-1, STAT, &state));
    return id;
}

static void attaching(i32 id) {
    show("no such segment", sys_shmat(-1, 0, 0));
    u8* p = attach(id, 0, 0);
    show("new: zero", p[0] == 0 && p[4 * PAGE - 1] == 0);
    p[0] = 1;
    p[3 * PAGE] = 4;
    u8* q = attach(id, 0, RDONLY);
    show("again", q != p && q[0] == 1 && q[3 * PAGE] == 4);
    show("attached", attached(id));
    show("read-only stays so", sys_mprotect(q, PAGE, READ | WRITE));
    show("shmdt elsewhere", sys_shmdt(q + PAGE));
    show("shmdt odd", sys_shmdt(q + 1));
    show("shmdt", sys_shmdt(q));
    show("  gone", readable(q));
    show("shmdt again", sys_shmdt(q));
    show("attached", attached(id));
    u8* at = room(8);
    show("where asked", attach(id, at, 0) == at);
    show("odd", sys_shmat(id, at + 5, 0));
    show("odd, rounded: taken", sys_shmat(id, at + 5, RND));
    show("remap nowhere", sys_shmat(id, 0, REMAP));
    show("over it", attach(id, at + PAGE, REMAP) == at + PAGE);
    show("  both in part", at[0] == 1 && at[PAGE] == 1);
    show("attached", attached(id));
    show("shmdt first", sys_shmdt(at));
    show("  gone", readable(at));
    show("  second", at[PAGE]);
    show("shmdt second", sys_shmdt(at + PAGE));
    show("rounded", attach(id, at + 5, RND) == at);
    show("shmdt", sys_shmdt(at) + sys_shmdt(p));
    show("attached", attached(id));
}

static void parts(i32 id) {
    u8* p = attach(id, 0, 0);
    show("munmap of the middle", sys_munmap(p + PAGE, PAGE));
    show("attached in parts", attached(id));
    show("shmdt of the rest", sys_shmdt(p));
    show("  gone", readable(p) + readable(p + 2 * PAGE));
    show("attached", attached(id));
    p = attach(id, 0, 0);
    show("munmap of the beginning", sys_munmap(p, PAGE));
    show("shmdt of the rest", sys_shmdt(p));
    show("  gone", readable(p + PAGE));
    p = attach(id, 0, 0);
    u8* to = room(8);
    u8* moved = (u8*)(usize)sys_mremap(p, 4 * PAGE, 4 * PAGE, MAYMOVE | MREMAP_TO, to);
    show("moved", moved == to && moved[0] == 1);
    show("shmdt at the old place", sys_shmdt(p));
    show("attached", attached(id));
    show("shmdt at the new one", sys_shmdt(to));
    p = attach(id, 0, 0);
    show("mprotect", sys_mprotect(p + PAGE, PAGE, 0));
    show("  closed", readable(p + PAGE));
    show("mapped over",
         sys_mmap(p + 2 * PAGE, PAGE, READ | WRITE, PRIVATE_ANON | 0x10, -1, 0) == (i64)(usize)(p + 2 * PAGE));
    p[2 * PAGE] = 9;
    show("shmdt", sys_shmdt(p));
    show("  what is not of it stays", p[2 * PAGE]);
    sys_munmap(p + 2 * PAGE, PAGE);
    show("attached", attached(id));
}

static void across_fork(i32 id) {
    u8* p = attach(id, 0, 0);
    out_flush();
    i32 status = 0, pid = (i32)sys_fork();
    if (pid == 0) {
        p[1] = attached(id) == 2 ? 22 : 33;
        sys_shmdt(p);
        p = attach(id, 0, 0);
        p[2] = (u8)attached(id);
        sys_exit_group(0);
    }
    sys_wait4(pid, &status, 0, 0);
    show("child", status);
    show("  it was attached", p[1]);
    show("  and again", p[2]);
    show("attached", attached(id));
    show("removed", sys_shmctl(id, RMID, 0));
    show("  until the last one goes", p[1]);
    show("shmdt", sys_shmdt(p));
    show("stat", attached(id));
}

int guest_main(int argc, char** argv) {
    (void)argc, (void)argv;
    i32 id = make();
    attaching(id);
    parts(id);
    across_fork(id);
    show("rmid", sys_shmctl(id, RMID, 0));
    return 0;
}
