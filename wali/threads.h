// SPDX-License-Identifier: Apache-2.0
// Guest threads are host threads: how they begin, and how threads and the process end.
#pragma once

#include "abi.h"
#include "process.h"

#include <wasm/bind.h>
#include <wasm/host.h>

#include <cstdint>

namespace wali {

// wali.__wasm_thread_spawn: calls function(tid, arg) on a new thread and returns its tid, or -errno.
wasm::HostResult<int32_t> thread_spawn(wasm::Caller& caller, uint32_t function, uint32_t arg);

// SYS_exit: this thread ends. The process ends with its last thread, with the status its leader gave.
wasm::HostOutcome exit_thread(wasm::Caller& caller, int status);
// SYS_exit_group: the process ends now.
wasm::HostOutcome exit_process(wasm::Caller& caller, int status);
// The same where there is no caller to return to.
[[noreturn]] void end_process(int status);

// What the kernel does to user memory when a thread ends: robust mutexes, and the word of set_tid_address.
void release_thread_memory(GuestThread& thread);
// The mutexes alone. When a process ends, only those in memory that it shares with others can matter to anyone; those
// of its other threads are left as they are, as they are when a signal ends it.
void release_mutexes(GuestThread& thread);

// fork: only the calling thread exists in the child. Returns as the system call does. With `how`, it is made by clone3:
// -ENOSYS while there are other threads, for then only libc knows which of its locks are free.
long fork_process(GuestThread& thread, const CloneArgs* how = nullptr);

}  // namespace wali
