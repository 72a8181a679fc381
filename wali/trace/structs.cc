// SPDX-License-Identifier: Apache-2.0
// Times, files, processes, limits. Sockets and signals are in structs_messages.cc.
#include "structs.h"

#include "names.h"

#include <fmt/format.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

namespace wali::trace {

namespace {

std::string times(const Timespec& time) { return fmt::format("{{tv_sec={}, tv_nsec={}}}", time.sec, time.nsec); }
std::string times(const Timeval& time) { return fmt::format("{{tv_sec={}, tv_usec={}}}", time.sec, time.usec); }

std::string mode_text(uint32_t mode) {
    constexpr uint32_t kType = 0170000;
    if ((mode & kType) == 0) return fmt::format("{:#o}", mode);
    std::string text;
    put_names(text, "FileType", mode & kType);
    return text + fmt::format("|{:#o}", mode & ~kType);
}

std::string limit_text(uint64_t limit) {
    if (limit == UINT64_MAX) return "RLIM64_INFINITY";
    constexpr uint64_t kUnit = 1024;
    const bool even = limit > kUnit && limit % kUnit == 0;
    return even ? fmt::format("{}*1024", limit / kUnit) : fmt::format("{}", limit);
}

std::string field(const char (&text)[65]) {
    std::string quoted;
    put_quoted(quoted, {text, strnlen(text, sizeof text)});
    return quoted;
}

}  // namespace

void put(std::string& out, const CallView&, const Timespec& value) {
    constexpr int64_t kNow = 0x3FFFFFFF;
    constexpr int64_t kOmit = 0x3FFFFFFE;
    out += value.nsec == kNow ? "UTIME_NOW" : value.nsec == kOmit ? "UTIME_OMIT" : times(value);
}
void put(std::string& out, const CallView& view, const TimespecPair& value) {
    out += '[';
    put(out, view, value.access);
    out += ", ";
    put(out, view, value.modification);
    out += ']';
}
void put(std::string& out, const CallView&, const Timeval& value) { out += times(value); }
void put(std::string& out, const CallView&, const TimevalPair& value) {
    out += fmt::format("[{}, {}]", times(value.access), times(value.modification));
}
void put(std::string& out, const CallView&, const Timezone& value) {
    out += fmt::format("{{tz_minuteswest={}, tz_dsttime={}}}", value.minutes_west, value.dst_time);
}
void put(std::string& out, const CallView&, const Itimerval& value) {
    out += fmt::format("{{it_interval={}, it_value={}}}", times(value.interval), times(value.value));
}
void put(std::string& out, const CallView&, const Itimerspec& value) {
    out += fmt::format("{{it_interval={}, it_value={}}}", times(value.interval), times(value.value));
}
void put(std::string& out, const CallView&, const Utimbuf& value) {
    out += fmt::format("{{actime={}, modtime={}}}", value.access, value.modification);
}
void put(std::string& out, const CallView&, const Tms& value) {
    out += fmt::format("{{tms_utime={}, tms_stime={}, tms_cutime={}, tms_cstime={}}}", value.user, value.system,
                       value.child_user, value.child_system);
}
void put(std::string& out, const CallView&, const Timex& value) {
    uint32_t modes = 0;
    std::memcpy(&modes, value.bytes, sizeof modes);
    out += fmt::format("{{modes={:#x}, ...}}", modes);
}

void put(std::string& out, const CallView&, const Stat& value) {
    const bool device = (value.mode & 0170000) == 0020000 || (value.mode & 0170000) == 0060000;
    const std::string size = device ? fmt::format("st_rdev=makedev({:#x}, {:#x})", major(value.rdev), minor(value.rdev))
                                    : fmt::format("st_size={}", value.size);
    out += fmt::format("{{st_mode={}, {}, ...}}", mode_text(value.mode), size);
}
void put(std::string& out, const CallView&, const Statx& value) {
    std::string mask;
    put_names(mask, "StatxMask", value.mask);
    out += fmt::format("{{stx_mask={}, stx_mode={}, stx_size={}, ...}}", mask, mode_text(value.mode), value.size);
}
void put(std::string& out, const CallView&, const Statfs& value) {
    out += fmt::format("{{f_type={:#x}, f_bsize={}, f_blocks={}, f_bfree={}, ...}}", value.type, value.block_size,
                       value.blocks, value.blocks_free);
}
void put(std::string& out, const CallView&, const Ustat& value) {
    out += fmt::format("{{f_tfree={}, f_tinode={}, ...}}", value.blocks_free, value.files_free);
}
void put(std::string& out, const CallView&, const FileHandle& value) {
    out += fmt::format("{{handle_bytes={}, handle_type={}, ...}}", value.bytes, value.type);
}
void put(std::string& out, const CallView&, const Flock& value) {
    std::string type;
    std::string whence;
    put_names(type, "LockType", static_cast<uint16_t>(value.type));
    put_names(whence, kSetOf<Whence>, static_cast<uint16_t>(value.whence));
    out += fmt::format("{{l_type={}, l_whence={}, l_start={}, l_len={}, l_pid={}}}", type, whence, value.start,
                       value.length, value.pid);
}
void put(std::string& out, const CallView&, const CacheRange& value) {
    out += fmt::format("{{off={}, len={}}}", value.offset, value.length);
}
void put(std::string& out, const CallView&, const CacheState& value) {
    out += fmt::format("{{nr_cache={}, nr_dirty={}, nr_writeback={}, nr_evicted={}, nr_recently_evicted={}}}",
                       value.cached, value.dirty, value.written_back, value.evicted, value.recently_evicted);
}
void put(std::string& out, const CallView&, const MountRequest& value) {
    out += fmt::format("{{size={}, mnt_id={:#x}, param={:#x}, ...}}", value.size, value.mount, value.parameter);
}
void put(std::string& out, const CallView&, const FdPair& value) {
    out += fmt::format("[{}, {}]", value.fd[0], value.fd[1]);
}
void put(std::string& out, const CallView&, const PollFd& value) {
    out += fmt::format("{{fd={}", value.fd);
    if (value.events != 0) put_names(out += ", events=", "PollEvents", static_cast<uint16_t>(value.events));
    if (value.revents != 0) put_names(out += ", revents=", "PollEvents", static_cast<uint16_t>(value.revents));
    out += '}';
}
void put(std::string& out, const CallView&, const EpollEvent& value) {
    put_names(out += "{events=", "EpollEvents", value.events);
    out += fmt::format(", data={:#x}}}", uint64_t{value.data});
}

void put(std::string& out, const CallView&, const WaitStatus& value) {
    const int status = value.value;
    if (WIFEXITED(status)) {
        out += fmt::format("[exited with {}]", WEXITSTATUS(status));
    } else if (WIFSTOPPED(status)) {
        out += fmt::format("[stopped by {}]", signal_name(WSTOPSIG(status)));
    } else if (WIFSIGNALED(status)) {
        out += fmt::format("[killed by {}{}]", signal_name(WTERMSIG(status)), WCOREDUMP(status) ? ", core dumped" : "");
    } else {
        out += WIFCONTINUED(status) ? "[continued]" : fmt::format("[{:#x}]", status);
    }
}
void put(std::string& out, const CallView&, const Rlimit& value) {
    out += fmt::format("{{rlim_cur={}, rlim_max={}}}", limit_text(value.soft), limit_text(value.hard));
}
void put(std::string& out, const CallView&, const Rusage& value) {
    out += fmt::format("{{ru_utime={}, ru_stime={}, ...}}", times(value.user), times(value.system));
}
void put(std::string& out, const CallView&, const Sysinfo& value) {
    out += fmt::format("{{uptime={}, totalram={}, freeram={}, procs={}, ...}}", value.uptime, value.total_ram,
                       value.free_ram, value.processes);
}
void put(std::string& out, const CallView&, const Utsname& value) {
    out += fmt::format("{{sysname={}, nodename={}, release={}, ...}}", field(value.system), field(value.node),
                       field(value.release));
}
void put(std::string& out, const CallView&, const SchedParam& value) { out += fmt::format("[{}]", value.priority); }
void put(std::string& out, const CallView&, const SchedAttr& value) {
    std::string policy;
    put_names(policy, kSetOf<SchedPolicy>, value.policy);
    out += fmt::format("{{size={}, sched_policy={}, sched_flags={:#x}, sched_nice={}, sched_priority={}, ...}}",
                       value.size, policy, value.flags, value.nice, value.priority);
}
void put(std::string& out, const CallView&, const CapHeader& value) {
    out += fmt::format("{{version={:#x}, pid={}}}", value.version, value.pid);
}
void put(std::string& out, const CallView&, const CapData& value) {
    const auto both = [&](auto member) { return uint64_t{value.half[1].*member} << 32 | value.half[0].*member; };
    using Half = std::remove_cvref_t<decltype(value.half[0])>;
    out += fmt::format("{{effective={:#x}, permitted={:#x}, inheritable={:#x}}}", both(&Half::effective),
                       both(&Half::permitted), both(&Half::inheritable));
}
void put(std::string& out, const CallView&, const SemBuf& value) {
    std::string flags;
    put_names(flags, kSetOf<IpcFlags>, static_cast<uint16_t>(value.flags));
    out += fmt::format("{{sem_num={}, sem_op={}, sem_flg={}}}", value.number, value.op, flags);
}
void put(std::string& out, const CallView&, const MqAttr& value) {
    out += fmt::format("{{mq_flags={:#x}, mq_maxmsg={}, mq_msgsize={}, mq_curmsgs={}}}", value.flags,
                       value.max_messages, value.message_size, value.current_messages);
}
void put(std::string& out, const CallView&, const LandlockRule& value) {
    out += fmt::format("{{allowed_access={:#x}, parent_fd={}}}", uint64_t{value.allowed},
                       int32_t{value.parent_or_port[0]});
}
void put(std::string& out, const CallView&, const FutexWait& value) {
    out += fmt::format("{{val={}, uaddr={:#x}, flags={:#x}}}", value.value, value.address, value.flags);
}
void put(std::string& out, const CallView& view, const FutexWaitPair& value) {
    out += '[';
    put(out, view, value.from);
    out += ", ";
    put(out, view, value.to);
    out += ']';
}

}  // namespace wali::trace
