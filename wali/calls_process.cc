// SPDX-License-Identifier: Apache-2.0
// Processes begin and end. Guest processes are host processes: pids, waiting, sessions and groups are the kernel's.
#include "calls.h"
#include "dispatch.h"
#include "exec.h"
#include "threads.h"

#include <sys/resource.h>
#include <unistd.h>

namespace wali {

namespace {

// Of this process, or of one of its threads: limits are the process's.
bool is_own(pid_t id) { return id == 0 || id == getpid() || (id > 0 && kernel(SYS_tgkill, getpid(), id, 0) == 0); }

SysResult change_limit(Call& call, pid_t pid, uint32_t resource, InAt<Rlimit> wanted_at, OutAt<Rlimit> old_at) {
    std::optional<Rlimit> wanted;
    if (wanted_at && !(wanted = call.load(wanted_at.at))) return SysResult::fail(EFAULT);
    Rlimit old{};
    // The runtime changes this one for a moment, to place descriptors of its own.
    std::unique_lock<wasm::ForkLock> stay;
    if (resource == RLIMIT_NOFILE) stay = call.process.fds.stay();
    if (MemoryLimits::covers(resource) && is_own(pid)) {
        MemoryLimits& limits = call.process.memory_limits;
        old = limits.get(resource);
        const int error = wanted ? limits.set(resource, *wanted) : 0;
        if (error != 0) return SysResult::fail(error);
        call.process.space.set_limits(limits.soft(RLIMIT_AS), limits.soft(RLIMIT_DATA));
    } else {
        const long result = kernel(SYS_prlimit64, pid, resource, wanted ? &*wanted : nullptr, old_at ? &old : nullptr);
        if (result < 0) return SysResult::from_kernel(result);
    }
    if (old_at && !call.store(old_at.at, old)) return SysResult::fail(EFAULT);
    return SysResult::ok(0);
}

}  // namespace

SysResult sys_getrlimit(Call& call, Resource resource, OutAt<Rlimit> limit) {
    // What nobody has set is asked for all the same, for the error.
    if (!limit) return SysResult::from_kernel(kernel(SYS_getrlimit, resource.value, nullptr));
    return change_limit(call, 0, static_cast<uint32_t>(resource.value), {}, limit);
}

SysResult sys_setrlimit(Call& call, Resource resource, InAt<Rlimit> limit) {
    if (!limit) return SysResult::fail(EFAULT);
    return change_limit(call, 0, static_cast<uint32_t>(resource.value), limit, {});
}

SysResult sys_prlimit64(Call& call, Pid pid, Resource resource, InAt<Rlimit> wanted, OutAt<Rlimit> old) {
    return change_limit(call, pid.value, static_cast<uint32_t>(resource.value), wanted, old);
}

[[gnu::hot]] SysResult sys_fork(Call& call) { return SysResult::from_kernel(fork_process(call.thread)); }

// The parent does not wait: a child that only execs or exits cannot tell.
[[gnu::hot]] SysResult sys_vfork(Call& call) { return SysResult::from_kernel(fork_process(call.thread)); }

[[gnu::hot]] SysResult sys_exit(Call& call, ExitStatus status) {
    static_cast<void>(exit_thread(call.caller, status.value));
    return SysResult::stop();
}

[[gnu::hot]] SysResult sys_exit_group(Call& call, ExitStatus status) {
    static_cast<void>(exit_process(call.caller, status.value));
    return SysResult::stop();
}

SysResult sys_execve(Call& call, Path path, ArgumentVector argv, EnvironmentVector envp) {
    return execute(call, AT_FDCWD, path, argv.at, envp.at, 0);
}

SysResult sys_execveat(Call& call, DirFd dir, Path path, ArgumentVector argv, EnvironmentVector envp, AtFlags flags) {
    return execute(call, dir.value, path, argv.at, envp.at, flags.value);
}

}  // namespace wali
