// SPDX-License-Identifier: Apache-2.0
// Opening files, and the calls that choose or close descriptor numbers.
#include "calls.h"
#include "descriptor_table.h"
#include "dispatch.h"
#include "open_guard.h"
#include "own_program.h"
#include "startup.h"

#include <fcntl.h>
#include <linux/close_range.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wali {

namespace {

bool is_environment_path(const Call& call, Path path) {
    constexpr std::string_view kWanted = Process::kEnvironmentPath;
    return call.process.has_environment_file && call.memory.load_string(path.at, kWanted.size() + 1) == kWanted;
}

SysResult open_at(const Call& call, DirFd dir, Path path, uint32_t flags, uint32_t mode) {
    if (const std::string* program = own_program(call, path)) {
        return open_guarded(call, {AT_FDCWD, {program->c_str(), {}}, flags, mode});
    }
    const SysResult opened = open_guarded(call, {dir.value, path, flags, mode});
    if (!opened.failed_with(ENOENT) || !is_environment_path(call, path)) return opened;
    return open_environment(call.process, flags);
}

// As a link it leads to the module.
SysResult read_own_link(const Call& call, const std::string& program, BytesOut out) {
    if (out.count == 0) return SysResult::fail(EINVAL);
    const size_t bytes = std::min<size_t>(program.size(), out.count);
    if (wasm::raw(out.at) == 0 || !call.memory.write(out.at, program.data(), bytes)) return SysResult::fail(EFAULT);
    return SysResult::ok(static_cast<int64_t>(bytes));
}

}  // namespace

SysResult sys_readlink(Call& call, Path path, BytesOut out) {
    if (const std::string* program = own_program(call, path)) return read_own_link(call, *program, out);
    return call.kernel(path.kernel, out.kernel, out.count);
}

SysResult sys_readlinkat(Call& call, DirFd dir, Path path, BytesOut out) {
    if (const std::string* program = own_program(call, path)) return read_own_link(call, *program, out);
    return call.kernel(dir.value, path.kernel, out.kernel, out.count);
}

SysResult sys_open(Call& call, Path path, OpenFlags flags, FileMode mode) {
    return open_at(call, {AT_FDCWD}, path, static_cast<uint32_t>(flags.value), static_cast<uint32_t>(mode.value));
}

SysResult sys_openat(Call& call, DirFd dir, Path path, OpenFlags flags, FileMode mode) {
    return open_at(call, dir, path, static_cast<uint32_t>(flags.value), static_cast<uint32_t>(mode.value));
}

SysResult sys_creat(Call& call, Path path, FileMode mode) {
    return open_at(call, {AT_FDCWD}, path, O_CREAT | O_WRONLY | O_TRUNC, static_cast<uint32_t>(mode.value));
}

// The kernel judges the structure first, by a path that is never there, and as a copy of all its bytes; what is then
// opened is the copy.
SysResult sys_openat2(Call& call, DirFd dir, Path path, BytesIn how) {
    std::array<std::byte, 4096> bytes{};  // the kernel refuses more
    OpenHow copy{};
    const bool sized = how.count >= sizeof copy && how.count <= bytes.size();
    if (sized && wasm::raw(how.at) != 0 && call.memory.read(how.at, bytes.data(), how.count)) {
        std::memcpy(&copy, bytes.data(), sizeof copy);
        copy.flags = host_open_flags(copy.flags);
        std::memcpy(bytes.data(), &copy, sizeof copy);
        const SysResult verdict = call.kernel(dir.value, "", bytes.data(), how.count);
        if (!verdict.failed_with(ENOENT)) return verdict;
        return open_guarded(call, {dir.value, path, copy.flags, copy.mode, copy.resolve});
    }
    // The kernel says what is wrong with it; a structure that is good meanwhile was not when we looked.
    const SysResult verdict = call.kernel(dir.value, "", how.kernel, how.count);
    return verdict.failed_with(ENOENT) ? SysResult::fail(EFAULT) : verdict;
}

SysResult sys_open_by_handle_at(Call& call, DirFd mount, In<FileHandle> handle, OpenFlags flags) {
    // The kernel's answer to no handle at all.
    if (handle.kernel == nullptr) return call.kernel(mount.value, handle.kernel, flags.value);
    return open_guarded(call, {mount.value, {}, static_cast<uint32_t>(flags.value), 0, 0, handle.kernel});
}

// A new root may have no /proc, and what finds files again is the process's own while it has one thread.
SysResult sys_chroot(Call& call, Path path) {
    const bool alone = call.process.live_threads.load(std::memory_order_relaxed) == 1;
    if (alone) call.process.links.find();
    const SysResult result = call.kernel(path.kernel);
    if (alone && !result.failed()) call.process.links.find_in_new_root();
    return result;
}

SysResult sys_access(Call& call, Path path, AccessMode mode) {
    const SysResult result = call.kernel(path.kernel, mode.value);
    return result.failed_with(ENOENT) && is_environment_path(call, path) ? SysResult::ok(0) : result;
}

SysResult sys_close(Call& call, Fd fd) {
    const FdGuard::Hold hold(call.process.fds, fd.value);
    return call.process.fds.owns(fd.value) ? SysResult::fail(EBADF) : call.kernel(fd.value);
}

// A number that is ours for good is answered like one beyond the limit. (After EBUSY, libcs try again until it works.)
constexpr int kTaken = EBADF;

SysResult sys_dup2(Call& call, Fd from, NewFd to) {
    const FdGuard::Hold hold(call.process.fds, to.value);
    if (from.value < 0) return call.kernel(from.value, to.value);
    SysResult result = SysResult::fail(kTaken);
    call.process.fds.give_way(to.value, [&] { result = call.kernel(from.value, to.value); });
    return result;
}

SysResult sys_dup3(Call& call, Fd from, NewFd to, OpenFlags flags) {
    const FdGuard::Hold hold(call.process.fds, to.value);
    if (from.value < 0) return call.kernel(from.value, to.value, flags.value);
    SysResult result = SysResult::fail(kTaken);
    call.process.fds.give_way(to.value, [&] { result = call.kernel(from.value, to.value, flags.value); });
    return result;
}

SysResult unshare_descriptors(const Call& call) {
    if (call.process.live_threads.load(std::memory_order_relaxed) == 1) return SysResult::ok(0);
    call.process.log(wasm::LogLevel::Info, "syscall",
                     "refused: a table of descriptors of its own for one of several threads");
    return SysResult::fail(EINVAL);
}

// Closes the ranges between the runtime's own descriptors.
SysResult sys_close_range(Call& call, Size first, Size last, CloseRangeFlags flags) {
    CloseRangeFlags rest = flags;
    constexpr int32_t kUnshare = CLOSE_RANGE_UNSHARE;
    if ((flags.value & kUnshare) != 0 && first.value <= last.value) {
        const SysResult unshared = unshare_descriptors(call);
        if (unshared.failed()) return unshared;
        rest.value &= ~kUnshare;
    }
    const FdGuard::Hold hold(call.process.fds, first.value, last.value);
    uint32_t from = first.value;
    for (const int own : call.process.fds.sorted()) {
        const auto number = static_cast<uint32_t>(own);
        if (number < from || number > last.value) continue;
        if (number > from) {
            const SysResult part = call.kernel(from, number - 1, rest.value);
            if (part.failed()) return part;
        }
        if (number == last.value) return SysResult::ok(0);
        from = number + 1;
    }
    return call.kernel(from, last.value, rest.value);
}

}  // namespace wali
