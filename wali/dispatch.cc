// SPDX-License-Identifier: Apache-2.0
// What surrounds every syscall: from slots to a Call, signals that arrive meanwhile, and the result.
#include "dispatch.h"

#include "signals.h"

#include <sys/socket.h>

namespace wali {

namespace {

// recv and friends are not made again when the socket has a timeout (signal(7)): part of it has passed.
bool has_timeout(int fd, int option) {
    Timeval timeout{};
    uint32_t length = sizeof timeout;
    const long r = kernel(SYS_getsockopt, fd, SOL_SOCKET, option, &timeout, &length);
    return r == 0 && (timeout.sec != 0 || timeout.usec != 0);
}

bool restarts(const Row& row, int first_argument) {
    switch (row.restart) {
        case Restart::Quick:
        case Restart::Always: return true;
        case Restart::Receive: return !has_timeout(first_argument, SO_RCVTIMEO);
        case Restart::Send: return !has_timeout(first_argument, SO_SNDTIMEO);
        case Restart::Never:
        case Restart::Own: return false;
    }
    return false;
}

// A call that was interrupted, or not started because of a signal: runs the guest's handlers. The result, or nullopt:
// once more.
[[gnu::noinline]] std::optional<SysResult> after_signals(Call& call, const wasm::Slot* slots, SysResult result) {
    switch (run_pending_signals(call.caller)) {
        case SignalsRun::Stop: return SysResult::stop();
        case SignalsRun::Restart:
            if (result.not_started() || restarts(call.row, slots[0].i32())) return std::nullopt;
            return result;
        case SignalsRun::None:
        case SignalsRun::Interrupt:
            if (result.not_started()) return std::nullopt;
            return result;
    }
    return result;
}

[[gnu::cold, gnu::noinline]] SysResult stranger(wasm::Caller& caller) {
    static_cast<void>(refuse_stranger(caller));
    return SysResult::stop();
}

// Makes the call until it is done. Arguments are decoded anew each time: handlers may have changed what they point to,
// as they may natively. Inline, as is all that stands between the guest and the kernel: see Direct.
[[gnu::always_inline]] inline SysResult make(wasm::Caller& caller, const wasm::Slot* slots, SyscallImport& import) {
    const wasm::Memory memory = caller.memory();
    if (!import.process->is_memory(memory)) [[unlikely]] {
        return stranger(caller);
    }
    GuestThread& thread = GuestThread::of(caller);
    Call call{caller, memory, thread, thread.process, *import.row};
    for (;;) {
        Args args(slots, import.wide, call.memory, call.process.fds);
        const SysResult result = call.row.run(call, args);
        if (result.stopped() || !(result.not_started() || result.failed_with(EINTR))) [[likely]]
            return result;
        if (const auto settled = after_signals(call, slots, result)) return *settled;
    }
}

}  // namespace

SysResult Call::older(std::array<long, 6> args) const {
    if (row.older == nullptr) return SysResult::fail(ENOSYS);
    return SysResult::from_kernel(row.older({{memory}, row.can_block(), args}));
}

std::byte* Call::kernel_range(wasm::GuestAddr at, uint64_t bytes) const {
    if (wasm::raw(at) == 0) return nullptr;
    if (memory.reserved() != 0) return memory.base() + wasm::raw(at);
    std::byte* host = memory.at(at, bytes);
    return host != nullptr ? host : bad_pointer(at);
}

SysResult make_syscall(wasm::Caller& caller, const wasm::Slot* slots, SyscallImport& import) {
    return make(caller, slots, import);
}

[[gnu::hot]] wasm::HostOutcome enter_syscall(wasm::Caller& caller, wasm::Slot* slots, void* env) {
    auto& import = *static_cast<SyscallImport*>(env);
    const SysResult result = make(caller, slots, import);
    if (result.stopped()) return wasm::HostOutcome::Stop;
    if (import.has_result) slots[0].set(result.value());
    return wasm::HostOutcome::Continue;
}

}  // namespace wali
