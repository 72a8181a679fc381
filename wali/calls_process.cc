// SPDX-License-Identifier: Apache-2.0
// Processes begin and end. Guest processes are host processes: pids, waiting, sessions and groups are the kernel's.
#include "calls.h"
#include "dispatch.h"
#include "exec.h"
#include "threads.h"

namespace wali {

SysResult sys_fork(Call& call) {
    return SysResult::from_kernel(fork_process(call.thread));
}

// The parent does not wait: a child that only execs or exits cannot tell.
SysResult sys_vfork(Call& call) {
    return SysResult::from_kernel(fork_process(call.thread));
}

SysResult sys_exit(Call& call, ExitStatus status) {
    static_cast<void>(exit_thread(call.caller, status.value));
    return SysResult::stop();
}

SysResult sys_exit_group(Call& call, ExitStatus status) {
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
