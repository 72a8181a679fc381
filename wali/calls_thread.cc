// SPDX-License-Identifier: Apache-2.0
// Futexes, and what threads tell the kernel about themselves.
#include "calls.h"
#include "dispatch.h"
#include "robust_list.h"
#include "signals.h"
#include "threads.h"

#include <linux/futex.h>

#include <array>
#include <span>

namespace wali {

namespace {

constexpr int kCommand = ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);

// For these the fourth argument is a timeout; for the others it is a number, or nothing.
bool takes_timeout(int command) {
    switch (command) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET:
        case FUTEX_LOCK_PI:
        case FUTEX_LOCK_PI2:
        case FUTEX_WAIT_REQUEUE_PI: return true;
        default: return false;
    }
}

// An interrupted wait whose handlers may ask for it to be made again.
SysResult after_handlers(const Call& call, SysResult result) {
    switch (run_pending_signals(call.caller)) {
        case SignalsRun::Stop: return SysResult::stop();
        case SignalsRun::Restart: return SysResult::from_kernel(kNotStarted);
        case SignalsRun::None: return result;
        case SignalsRun::Interrupt: return SysResult::fail(EINTR);
    }
    return result;
}

// One that knows its NUMA node has a second word for it.
uint64_t futex_bytes(uint32_t flags) {
    constexpr uint32_t kNuma = 4;  // FUTEX2_NUMA
    return (flags & kNuma) != 0 ? 8 : 4;
}

// Where the words are on the host. False if one is nowhere.
bool find_words(const Call& call, std::span<FutexWait> waits) {
    for (FutexWait& wait : waits) {
        if (wait.address > UINT32_MAX) return false;
        const wasm::GuestAddr at{static_cast<uint32_t>(wait.address)};
        wait.address = reinterpret_cast<uintptr_t>(call.kernel_range(at, futex_bytes(wait.flags)));
    }
    return true;
}

}  // namespace

SysResult sys_futex(
    Call& call, GuestAddress word, FutexOp op, Int value, GuestAddress fourth, GuestAddress word2, Int value3) {
    const bool timed = takes_timeout(op.value & kCommand);
    const uint32_t number = wasm::raw(fourth.at);
    const std::byte* timeout = timed ? call.kernel_range(fourth.at, sizeof(Timespec)) : nullptr;
    const uint64_t argument = timed ? reinterpret_cast<uintptr_t>(timeout) : number;
    if (timed && number != 0 && timeout == nullptr) return SysResult::fail(EFAULT);
    const SysResult result = call.kernel(call.kernel_range(word.at, 4), op.value, value.value, argument,
                                         call.kernel_range(word2.at, 4), value3.value);
    // With a timeout, part of it has passed; without one, the call is made again if the handlers permit. A signal just
    // before a wait counts as one during it: a libc that cancels threads by signal would miss it otherwise.
    const bool not_yet_waiting = timed && result.not_started();
    if (!not_yet_waiting && (!result.failed_with(EINTR) || number != 0)) return result;
    return after_handlers(call, result);
}

// The newer calls, each with arguments of its own.
SysResult sys_futex_wake(Call& call, GuestAddress word, ULong mask, Int most, Futex2Flags flags) {
    return call.kernel(call.kernel_range(word.at, futex_bytes(static_cast<uint32_t>(flags.value))), mask.value,
                       most.value, flags.value);
}

SysResult sys_futex_wait(
    Call& call, GuestAddress word, ULong value, ULong mask, Futex2Flags flags, In<Timespec> timeout, ClockId clock) {
    std::byte* host = call.kernel_range(word.at, futex_bytes(static_cast<uint32_t>(flags.value)));
    return call.kernel(host, value.value, mask.value, flags.value, timeout.kernel, clock.value);
}

SysResult sys_futex_requeue(Call& call, InAt<FutexWaitPair> pair, Int flags, Int wake, Int move) {
    auto host = call.load(pair.at);
    const bool good = host && find_words(call, std::span(&host->from, 1)) && find_words(call, std::span(&host->to, 1));
    if (host && !good) return SysResult::fail(EFAULT);
    return call.kernel(host ? reinterpret_cast<std::byte*>(&*host) : call.kernel_range(pair.at.at, sizeof *host),
                       flags.value, wake.value, move.value);
}

SysResult sys_futex_waitv(Call& call, ArrayInAt<FutexWait> waits, Int flags, In<Timespec> timeout, ClockId clock) {
    std::array<FutexWait, FUTEX_WAITV_MAX> host{};
    if (waits.count == 0 || waits.count > host.size() || !waits.at) return SysResult::fail(EINVAL);
    if (!call.memory.read(waits.at.at, host.data(), waits.count * sizeof(FutexWait))) {
        return SysResult::fail(EFAULT);
    }
    if (!find_words(call, std::span(host).first(waits.count))) return SysResult::fail(EFAULT);
    const SysResult result = call.kernel(host.data(), waits.count, flags.value, timeout.kernel, clock.value);
    return !result.failed_with(EINTR) || timeout.kernel != nullptr ? result : after_handlers(call, result);
}

// Not registered with the kernel, which would write there when the host thread ends.
SysResult sys_set_tid_address(Call& call, GuestAddress word) {
    call.thread.clear_tid = wasm::raw(word.at);
    return SysResult::from_kernel(kernel(SYS_gettid));
}

SysResult sys_set_robust_list(Call& call, GuestAddress head, Size length) {
    if (length.value != sizeof(GuestRobustList)) return SysResult::fail(EINVAL);
    call.thread.robust_list = wasm::raw(head.at);
    return SysResult::ok(0);
}

SysResult sys_get_robust_list(Call& call, Pid pid, OutAt<uint32_t> head, OutAt<uint32_t> length) {
    uint32_t list = call.thread.robust_list;
    if (pid.value != 0 && pid.value != kernel(SYS_gettid)) {
        // Whether there is such a thread, and may be asked, the kernel says. Its list is not looked up: only debuggers
        // want it, and what the kernel has is the runtime's.
        uintptr_t unused = 0;
        size_t unused_bytes = 0;
        const SysResult result = call.kernel(pid.value, &unused, &unused_bytes);
        if (result.failed()) return result;
        list = 0;
    }
    const uint32_t bytes = sizeof(GuestRobustList);
    if (!call.store(length.at, bytes) || !call.store(head.at, list)) return SysResult::fail(EFAULT);
    return SysResult::ok(0);
}

}  // namespace wali
