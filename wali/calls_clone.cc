// SPDX-License-Identifier: Apache-2.0
// Processes of which the kernel is told more than by fork, and namespaces. What would share the memory of its creator
// is no process that a runtime could be in.
#include "calls.h"
#include "descriptor_table.h"
#include "extensible.h"
#include "threads.h"

#include <sched.h>

#include <csignal>

namespace wali {

namespace {

// Threads have a call of their own, and descriptors of the runtime are known to one process only.
constexpr uint64_t kShares = CLONE_VM | CLONE_THREAD | CLONE_FILES | CLONE_SETTLS;
constexpr uint64_t kClearHandlers = uint64_t{1} << 32;  // CLONE_CLEAR_SIGHAND: the runtime's, too
constexpr uint64_t kIntoGroup = uint64_t{1} << 33;      // CLONE_INTO_CGROUP
// What is done here, in guest memory.
constexpr uint64_t kOurs = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;

// What is left of shared memory when the creator waits: a copy does as well.
constexpr uint64_t kAsVfork = CLONE_VM | CLONE_VFORK;

wasm::GuestPtr<int32_t> word_at(uint64_t address) { return {wasm::GuestAddr{static_cast<uint32_t>(address)}}; }
bool is_address(uint64_t value) { return value <= UINT32_MAX; }

SysResult begin_child(const Call& call, const CloneArgs& asked) {
    const auto word = word_at(asked.child_tid);
    // As in the kernel, nobody is told when this fails.
    if ((asked.flags & CLONE_CHILD_SETTID) != 0) {
        static_cast<void>(call.store(word, static_cast<int32_t>(wali::kernel(SYS_gettid))));
    }
    if ((asked.flags & CLONE_CHILD_CLEARTID) != 0) call.thread.clear_tid = static_cast<uint32_t>(asked.child_tid);
    return SysResult::ok(0);
}

// `asked` is the guest's, with its addresses; `host` the kernel's, with the host's.
SysResult make_process(const Call& call, const CloneArgs& asked, CloneArgs host) {
    int32_t pidfd = -1;
    const bool wants_pidfd = (host.flags & CLONE_PIDFD) != 0;
    const auto pidfd_at = word_at(asked.pidfd);
    if (wants_pidfd) {
        // The kernel makes no process for one whom it cannot tell.
        const auto before = call.load(pidfd_at);
        if (!before || !call.store(pidfd_at, *before)) return SysResult::fail(EFAULT);
        host.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
    }
    const bool plain = host.flags == 0 && host.exit_signal == SIGCHLD && host.set_tid_size == 0;
    const long pid = fork_process(call.thread, plain ? nullptr : &host);
    if (pid == 0) return begin_child(call, asked);
    if (is_kernel_error(pid)) return SysResult::from_kernel(pid);
    if (wants_pidfd) static_cast<void>(call.store(pidfd_at, pidfd));
    if ((asked.flags & CLONE_PARENT_SETTID) != 0) {
        static_cast<void>(call.store(word_at(asked.parent_tid), static_cast<int32_t>(pid)));
    }
    return SysResult::ok(pid);
}

SysResult clone_process(const Call& call, const CloneArgs& asked) {
    CloneArgs host = asked;
    if ((host.flags & kAsVfork) == kAsVfork) host.flags &= ~kAsVfork;
    if ((host.flags & kShares) != 0 || host.stack != 0) return SysResult::fail(ENOSYS);
    if ((host.flags & kClearHandlers) != 0) return SysResult::fail(EINVAL);
    for (const uint64_t address : {host.pidfd, host.child_tid, host.parent_tid, host.set_tid}) {
        if (!is_address(address)) return SysResult::fail(EFAULT);
    }
    host.flags &= ~kOurs;
    host.child_tid = host.parent_tid = 0;
    if (host.set_tid != 0) {
        const std::byte* ids = call.kernel_range(word_at(host.set_tid).at, host.set_tid_size * sizeof(int32_t));
        host.set_tid = reinterpret_cast<uintptr_t>(ids);
    }
    const bool own = (host.flags & kIntoGroup) != 0 && call.process.fds.owns(static_cast<int>(host.cgroup));
    return own ? SysResult::fail(EBADF) : make_process(call, asked, host);
}

}  // namespace

SysResult sys_clone(Call& call,
                    CloneFlags flags,
                    GuestAddress stack,
                    GuestAddress parent_tid,
                    GuestAddress child_tid,
                    GuestAddress /*thread local storage*/) {
    constexpr uint32_t kSignal = 0xFF;
    const auto bits = static_cast<uint32_t>(flags.value);
    CloneArgs asked{};
    asked.flags = bits & ~kSignal;
    // Of a sibling, the common parent has said which signal tells it of the end; clone3 takes no other.
    asked.exit_signal = (bits & CLONE_PARENT) != 0 ? 0 : bits & kSignal;
    asked.stack = wasm::raw(stack.at);
    asked.parent_tid = asked.pidfd = wasm::raw(parent_tid.at);
    asked.child_tid = wasm::raw(child_tid.at);
    if ((bits & CLONE_PIDFD) != 0 && (bits & CLONE_PARENT_SETTID) != 0) return SysResult::fail(EINVAL);  // one word
    return clone_process(call, asked);
}

SysResult sys_clone3(Call& call, BytesIn arguments) {
    constexpr uint32_t kFirstVersion = 64;
    Extensible given(call, arguments.at, arguments.count);
    // What is wrong with it as a structure, the kernel says.
    if (arguments.count < kFirstVersion || !given.is_readable()) return call.kernel(given.kernel(), arguments.count);
    if (!given.is_zero_from(sizeof(CloneArgs))) return SysResult::fail(E2BIG);
    return clone_process(call, given.begin<CloneArgs>());
}

SysResult sys_unshare(Call& call, CloneFlags flags) {
    if ((flags.value & CLONE_FILES) != 0) {
        const SysResult unshared = unshare_descriptors(call);
        if (unshared.failed()) return unshared;
    }
    return call.kernel(flags.value & ~CLONE_FILES);
}

}  // namespace wali
