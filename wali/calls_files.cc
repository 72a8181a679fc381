// SPDX-License-Identifier: Apache-2.0
// Opening files, and the calls that choose or close descriptor numbers.
#include "calls.h"
#include "dispatch.h"
#include "proc_guard.h"

#include <fcntl.h>

#include <algorithm>

namespace wali {

namespace {

// What a guest has just opened must not be a way into the runtime. Decided by what the file is, because names lie.
SysResult admit(const Call& call, SysResult opened) {
    if (opened.failed() || opened.not_started()) return opened;
    const auto fd = static_cast<int>(opened.value());
    if (!is_memory_file(fd)) return opened;
    wali::kernel(SYS_close, fd);
    call.process.log(wasm::LogLevel::Warn, "syscall", "refused: opening the memory of a process or of the machine");
    return SysResult::fail(EACCES);
}

// The environment's path leads through /proc, which a chroot may not have.
bool is_environment_path(const Call& call, Path path) {
    if (call.process.environment_file < 0) return false;
    const std::string wanted = call.process.environment_path();
    return call.memory.load_string(path.at, static_cast<uint32_t>(wanted.size() + 1)) == wanted;
}

SysResult finish_open(const Call& call, SysResult opened, Path path) {
    if (opened.failed_with(ENOENT) && is_environment_path(call, path)) {
        const int fd = call.process.fds.number(call.process.environment_file);
        return SysResult::from_kernel(wali::kernel(SYS_fcntl, fd, F_DUPFD, 0));
    }
    return admit(call, opened);
}

}  // namespace

SysResult sys_open(Call& call, Path path, OpenFlags flags, FileMode mode) {
    return finish_open(call, call.kernel(path.kernel, flags.value, mode.value), path);
}

SysResult sys_openat(Call& call, DirFd dir, Path path, OpenFlags flags, FileMode mode) {
    return finish_open(call, call.kernel(dir.value, path.kernel, flags.value, mode.value), path);
}

SysResult sys_creat(Call& call, Path path, FileMode mode) {
    return admit(call, call.kernel(path.kernel, mode.value));
}

SysResult sys_openat2(Call& call, DirFd dir, Path path, BytesIn how) {
    return admit(call, call.kernel(dir.value, path.kernel, how.kernel, how.count));
}

SysResult sys_open_by_handle_at(Call& call, DirFd mount, In<FileHandle> handle, OpenFlags flags) {
    return admit(call, call.kernel(mount.value, handle.kernel, flags.value));
}

SysResult sys_access(Call& call, Path path, AccessMode mode) {
    const SysResult result = call.kernel(path.kernel, mode.value);
    return result.failed_with(ENOENT) && is_environment_path(call, path) ? SysResult::ok(0) : result;
}

SysResult sys_dup2(Call& call, Fd from, NewFd to) {
    if (from.value >= 0) call.process.fds.evacuate(to.value);
    return call.kernel(from.value, to.value);
}

SysResult sys_dup3(Call& call, Fd from, NewFd to, OpenFlags flags) {
    if (from.value >= 0) call.process.fds.evacuate(to.value);
    return call.kernel(from.value, to.value, flags.value);
}

// Closes the ranges between the runtime's own descriptors.
SysResult sys_close_range(Call& call, Size first, Size last, CloseRangeFlags flags) {
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
