// SPDX-License-Identifier: Apache-2.0
// Structures that cross the boundary, as the guest lays them out: wasm32 with a 64-bit `long`. Those without a pointer
// or size_t are byte for byte the x86-64 kernel's and are passed in place; the others are converted by the calls that
// use them. kName is what a trace calls the structure.
#pragma once

#include <wasm/memory.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wali {

// ---- the kernel's own layout (x86-64) ------------------------------------------------------------------------------

struct Timespec {
    static constexpr std::string_view kName = "timespec";
    int64_t sec, nsec;
};
struct TimespecPair {
    static constexpr std::string_view kName = "timespec[2]";
    Timespec access, modification;
};
struct Timeval {
    static constexpr std::string_view kName = "timeval";
    int64_t sec, usec;
};
struct TimevalPair {
    static constexpr std::string_view kName = "timeval[2]";
    Timeval access, modification;
};
struct Timezone {
    static constexpr std::string_view kName = "timezone";
    int32_t minutes_west, dst_time;
};
struct Itimerval {
    static constexpr std::string_view kName = "itimerval";
    Timeval interval, value;
};
struct Itimerspec {
    static constexpr std::string_view kName = "itimerspec";
    Timespec interval, value;
};
struct Utimbuf {
    static constexpr std::string_view kName = "utimbuf";
    int64_t access, modification;
};
struct Tms {
    static constexpr std::string_view kName = "tms";
    int64_t user, system, child_user, child_system;
};
struct Timex {
    static constexpr std::string_view kName = "timex";
    uint8_t bytes[208];
};

struct Stat {
    static constexpr std::string_view kName = "stat";
    uint64_t dev, ino, nlink;
    uint32_t mode, uid, gid, pad;
    uint64_t rdev;
    int64_t size, block_size, blocks;
    Timespec access, modification, change;
    int64_t unused[3];
};
struct StatxTime {
    int64_t sec;
    uint32_t nsec;
    int32_t pad;
};
struct Statx {
    static constexpr std::string_view kName = "statx";
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t nlink, uid, gid;
    uint16_t mode, pad;
    uint64_t ino, size, blocks, attributes_mask;
    StatxTime access, birth, change, modification;
    uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
    uint64_t spare[14];
};
struct Statfs {
    static constexpr std::string_view kName = "statfs";
    int64_t type, block_size;
    uint64_t blocks, blocks_free, blocks_available, files, files_free;
    int32_t fsid[2];
    int64_t name_length, fragment_size, flags, spare[4];
};
struct Ustat {
    static constexpr std::string_view kName = "ustat";
    int32_t blocks_free, pad;
    uint64_t files_free;
    char name[6], pack[6];
    uint32_t pad2;
};
struct FileHandle {
    static constexpr std::string_view kName = "file_handle";
    uint32_t bytes;
    int32_t type;
    uint8_t handle[128];  // the longest; `bytes` of it are used
};
struct OpenHow {
    static constexpr std::string_view kName = "open_how";
    uint64_t flags, mode, resolve;
};
struct Flock {
    static constexpr std::string_view kName = "flock";
    int16_t type, whence;
    int32_t pad;
    int64_t start, length;
    int32_t pid, pad2;
};

struct Fiemap {  // and the extents after it
    static constexpr std::string_view kName = "fiemap";
    uint64_t start, length;
    uint32_t flags, mapped, room, reserved;
};
struct CacheRange {
    static constexpr std::string_view kName = "cachestat_range";
    uint64_t offset, length;
};
struct CacheState {
    static constexpr std::string_view kName = "cachestat";
    uint64_t cached, dirty, written_back, evicted, recently_evicted;
};
struct MountRequest {  // the first version; `size` says how long it is
    static constexpr std::string_view kName = "mnt_id_req";
    uint32_t size, spare;
    uint64_t mount, parameter;
};

struct FdPair {
    static constexpr std::string_view kName = "fd[2]";
    int32_t fd[2];
};
struct PollFd {
    static constexpr std::string_view kName = "pollfd";
    int32_t fd;
    int16_t events, revents;
};
struct [[gnu::packed]] EpollEvent {
    static constexpr std::string_view kName = "epoll_event";
    uint32_t events;
    uint64_t data;
};

struct WaitStatus {
    static constexpr std::string_view kName = "wait status";
    int32_t value;
};

struct Sigset {  // as the kernel has it: bit n-1 is signal n
    static constexpr std::string_view kName = "sigset";
    uint64_t bits;
};

struct Rlimit {
    static constexpr std::string_view kName = "rlimit";
    uint64_t soft, hard;
};
struct Rusage {  // the part the kernel writes
    static constexpr std::string_view kName = "rusage";
    Timeval user, system;
    int64_t counters[14];
};
struct Sysinfo {
    static constexpr std::string_view kName = "sysinfo";
    int64_t uptime;
    uint64_t loads[3], total_ram, free_ram, shared_ram, buffer_ram, total_swap, free_swap;
    uint16_t processes, pad;
    uint32_t pad2;
    uint64_t total_high, free_high;
    uint32_t unit, pad3;
};
struct Utsname {
    static constexpr std::string_view kName = "utsname";
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};
struct SchedParam {
    static constexpr std::string_view kName = "sched_param";
    int32_t priority;
};
struct SchedAttr {
    static constexpr std::string_view kName = "sched_attr";
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max;
};
struct CapHeader {
    static constexpr std::string_view kName = "cap header";
    uint32_t version;
    int32_t pid;
};
struct CapData {
    static constexpr std::string_view kName = "cap data[2]";
    struct {
        uint32_t effective, permitted, inheritable;
    } half[2];
};
struct SemBuf {
    static constexpr std::string_view kName = "sembuf";
    uint16_t number;
    int16_t op, flags;
};
struct IpcPerm {
    int32_t key;
    uint32_t uid, gid, creator_uid, creator_gid, mode, sequence, pad;
    uint64_t reserved[2];
};
struct ShmidDs {
    static constexpr std::string_view kName = "shmid_ds";
    IpcPerm permissions;
    uint64_t bytes;  // size_t to the guest, whose upper half is padding
    int64_t attach_time, detach_time, change_time;
    int32_t creator_pid, last_pid;
    uint64_t attached, reserved[2];
};
struct ShmLimits {
    static constexpr std::string_view kName = "shminfo";
    uint64_t max_bytes, min_bytes, max_segments, max_attached, max_pages, reserved[4];
};
struct ShmUsage {
    static constexpr std::string_view kName = "shm_info";
    int32_t segments, pad;
    uint64_t pages, resident, swapped, swap_attempts, swap_successes;
};
struct SemidDs {
    static constexpr std::string_view kName = "semid_ds";
    struct {
        int32_t key;
        uint32_t uid, gid, creator_uid, creator_gid, mode;
        uint16_t sequence, pad;
        uint64_t unused[2];
    } permissions;
    int64_t operation, unused1, change, unused2;
    uint64_t count, unused3, unused4;
};
struct MqAttr {
    static constexpr std::string_view kName = "mq_attr";
    int64_t flags, max_messages, message_size, current_messages, reserved[4];
};
struct [[gnu::packed]] LandlockRule {
    static constexpr std::string_view kName = "landlock rule";
    uint64_t allowed;
    int32_t parent_or_port[2];
};

struct CloneArgs {
    static constexpr std::string_view kName = "clone_args";
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

struct FutexWait {
    static constexpr std::string_view kName = "futex_waitv";
    uint64_t value, address;
    uint32_t flags, reserved;
};
struct FutexWaitPair {
    static constexpr std::string_view kName = "futex_waitv[2]";
    FutexWait from, to;
};

// ---- layouts of their own (a pointer or size_t inside)
// ----------------------------------------------------------------

struct Iovec {
    static constexpr std::string_view kName = "iovec";
    wasm::GuestAddr base;
    uint32_t length;
};
struct MsgHdr {
    static constexpr std::string_view kName = "msghdr";
    wasm::GuestAddr name;
    uint32_t name_length;
    wasm::GuestPtr<Iovec> iov;
    int32_t iov_count;
    uint32_t pad;
    wasm::GuestAddr control;
    uint32_t control_length;
    uint32_t pad2;
    int32_t flags;
};
struct MmsgHdr {
    static constexpr std::string_view kName = "mmsghdr";
    MsgHdr header;
    uint32_t length;
};
struct XattrArgs {
    static constexpr std::string_view kName = "xattr_args";
    uint64_t value;
    uint32_t size, flags;
};
struct SigsetArg {  // pselect6's sixth argument
    static constexpr std::string_view kName = "sigset";
    uint64_t address, size;
};
struct SockFprog {
    static constexpr std::string_view kName = "sock_fprog";
    uint16_t length;
    uint16_t pad;
    wasm::GuestAddr filter;
};
struct Ifconf {
    static constexpr std::string_view kName = "ifconf";
    int32_t length;
    wasm::GuestAddr buffer;
};

// The sizes the guest's libc has (offsets follow: all fields are naturally aligned).
static_assert(sizeof(Stat) == 144 && sizeof(Statx) == 256 && sizeof(Statfs) == 120 && sizeof(Timex) == 208);
static_assert(sizeof(Rusage) == 144 && sizeof(Sysinfo) == 112 && sizeof(Utsname) == 390 && sizeof(MqAttr) == 64);
static_assert(sizeof(Flock) == 32 && sizeof(EpollEvent) == 12 && sizeof(PollFd) == 8 && sizeof(SemBuf) == 6);
static_assert(sizeof(Iovec) == 8 && sizeof(MsgHdr) == 36 && sizeof(MmsgHdr) == 40 && sizeof(SigsetArg) == 16);
static_assert(sizeof(IpcPerm) == 48 && sizeof(ShmidDs) == 112 && sizeof(ShmLimits) == 72 && sizeof(ShmUsage) == 48);
static_assert(sizeof(SemidDs) == 104 && sizeof(Ustat) == 32 && sizeof(CloneArgs) == 88);
static_assert(sizeof(SockFprog) == 8 && sizeof(Ifconf) == 8 && sizeof(SchedAttr) == 56);
static_assert(offsetof(Stat, rdev) == 40 && offsetof(Stat, access) == 72 && offsetof(Statx, ino) == 32);
static_assert(offsetof(MsgHdr, control) == 20 && offsetof(MsgHdr, flags) == 32);
static_assert(offsetof(Flock, start) == 8 && offsetof(Sysinfo, total_high) == 88);

}  // namespace wali
