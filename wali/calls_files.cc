// SPDX-License-Identifier: Apache-2.0
// Opening files, and the calls that choose or close descriptor numbers.
#include "calls.h"
#include "dispatch.h"
#include "open_guard.h"
#include "own_program.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wali {

namespace {

// The environment's path leads through /proc, which a chroot may not have.
bool is_environment_path(const Call& call, Path path) {
    if (call.process.environment_file < 0) return false;
    const std::string wanted = call.process.environment_path();
    return call.memory.load_string(path.at, static_cast<uint32_t>(wanted.size() + 1)) == wanted;
}

SysResult open_at(const Call& call, DirFd dir, Path path, uint32_t flags, uint32_t mode) {
    if (const std::string* program = own_program(call, path)) {
        return SysResult::from_kernel(wali::kernel(SYS_openat, AT_FDCWD, program->c_str(), flags, mode));
    }
    const SysResult opened = open_guarded(call, {dir.value, path, flags, mode});
    if (!opened.failed_with(ENOENT) || !is_environment_path(call, path)) return opened;
    const int fd = call.process.fds.number(call.process.environment_file);
    wali::kernel(SYS_lseek, fd, 0, SEEK_SET);  // as opened anew
    return SysResult::from_kernel(wali::kernel(SYS_fcntl, fd, F_DUPFD, 0));
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

// Handles are for file systems that keep files by number; procfs, where memory could be opened, has none.
SysResult sys_open_by_handle_at(Call& call, DirFd mount, In<FileHandle> handle, OpenFlags flags) {
    return call.kernel(mount.value, handle.kernel, flags.value);
}

SysResult sys_access(Call& call, Path path, AccessMode mode) {
    const SysResult result = call.kernel(path.kernel, mode.value);
    return result.failed_with(ENOENT) && is_environment_path(call, path) ? SysResult::ok(0) : result;
}

SysResult sys_close(Call& call, Fd fd) {
    const FdGuard::Hold hold(call.process.fds, fd.value);
    return call.process.fds.owns(fd.value) ? SysResult::fail(EBADF) : call.kernel(fd.value);
}

SysResult sys_dup2(Call& call, Fd from, NewFd to) {
    const FdGuard::Hold hold(call.process.fds, to.value);
    if (from.value < 0) return call.kernel(from.value, to.value);
    SysResult result = SysResult::fail(EBUSY);
    call.process.fds.give_way(to.value, [&] { result = call.kernel(from.value, to.value); });
    return result;
}

SysResult sys_dup3(Call& call, Fd from, NewFd to, OpenFlags flags) {
    const FdGuard::Hold hold(call.process.fds, to.value);
    if (from.value < 0) return call.kernel(from.value, to.value, flags.value);
    SysResult result = SysResult::fail(EBUSY);
    call.process.fds.give_way(to.value, [&] { result = call.kernel(from.value, to.value, flags.value); });
    return result;
}

// Closes the ranges between the runtime's own descriptors.
SysResult sys_close_range(Call& call, Size first, Size last, CloseRangeFlags flags) {
    const FdGuard::Hold hold(call.process.fds, first.value, last.value);
    uint32_t from = first.value;
    for (const int own : call.process.fds.sorted()) {
        const auto number = static_cast<uint32_t>(own);
        if (number < from || number > last.value) continue;
        if (number > from) {
            const SysResult part = call.kernel(from, number - 1, flags.value);
            if (part.failed()) return part;
        }
        if (number == last.value) return SysResult::ok(0);
        from = number + 1;
    }
    return call.kernel(from, last.value, flags.value);
}

}  // namespace wali
