// SPDX-License-Identifier: Apache-2.0
// Signal calls. Actions, masks and alternate stacks are kept here (signals.h); sending, pending and waiting are the
// kernel's.
#include "calls.h"
#include "dispatch.h"
#include "signal_wait.h"
#include "signals.h"

#include <cstring>

namespace wali {

namespace {

siginfo_t host_info(const GuestSiginfo& guest) {
    siginfo_t info;
    std::memcpy(&info, &guest, sizeof info);
    return info;
}

// A code above zero says that the kernel itself speaks: of a fault, the runtime would believe it.
bool pretends_fault(int signal, const GuestSiginfo& info) {
    return is_signal(signal) && is_fault(signal) && info.code > 0;
}

}  // namespace

SysResult sys_rt_sigaction(
    Call& call, SignalNr signal, InAt<GuestSigaction> action, OutAt<GuestSigaction> old, Size bytes) {
    if (bytes.value != kSigsetBytes) return SysResult::fail(EINVAL);
    std::optional<GuestSigaction> wanted;
    if (action) {
        wanted = call.load(action.at);
        if (!wanted) return SysResult::fail(EFAULT);
    }
    GuestSigaction before;
    const int64_t result = call.process.actions.exchange(signal.value, wanted ? &*wanted : nullptr, before);
    if (result == 0 && old && !call.store(old.at, before)) return SysResult::fail(EFAULT);
    return SysResult::from_kernel(static_cast<long>(result));
}

[[gnu::hot]] SysResult sys_rt_sigprocmask(Call& call, SigmaskHow how, InAt<Sigset> set, OutAt<Sigset> old, Size bytes) {
    if (bytes.value != kSigsetBytes) return SysResult::fail(EINVAL);
    const Sigset before{call.thread.signals.mask()};
    if (set) {
        const auto given = call.load(set.at);
        if (!given) return SysResult::fail(EFAULT);
        uint64_t mask = 0;
        switch (how.value) {
            case SIG_BLOCK: mask = before.bits | given->bits; break;
            case SIG_UNBLOCK: mask = before.bits & ~given->bits; break;
            case SIG_SETMASK: mask = given->bits; break;
            default: return SysResult::fail(EINVAL);
        }
        // A signal noted before this call has arrived before it: its handler runs first, with the mask as it was.
        if (!call.thread.signals.set_mask(mask)) return SysResult::from_kernel(kNotStarted);
    }
    if (old && !call.store(old.at, before)) return SysResult::fail(EFAULT);
    return SysResult::ok(0);
}

SysResult sys_rt_sigpending(Call& call, OutAt<Sigset> set, Size bytes) {
    if (bytes.value > kSigsetBytes) return SysResult::fail(EINVAL);
    if (call.thread.signals.waiting()) return SysResult::from_kernel(kNotStarted);
    Sigset pending{};
    const SysResult result = call.kernel(&pending, kSigsetBytes);
    if (result.failed()) return result;
    pending.bits = (pending.bits & call.thread.signals.mask()) | call.thread.signals.held_faults();
    if (!set || !call.memory.write(set.at.at, &pending, bytes.value)) return SysResult::fail(EFAULT);
    return result;
}

// Handlers return to where they were entered from by themselves; a guest that calls this has no frame to return to.
SysResult sys_rt_sigreturn(Call&, ULong) { return SysResult::fail(EINVAL); }

SysResult sys_rt_sigsuspend(Call& call, InAt<Sigset> set, Size bytes) {
    if (bytes.value != kSigsetBytes) return SysResult::fail(EINVAL);
    if (!set) return SysResult::fail(EFAULT);
    return wait_with_mask(call, set, bytes, [&](const uint64_t* mask) { return call.kernel(mask, kSigsetBytes); });
}

SysResult sys_rt_sigtimedwait(Call& call, In<Sigset> set, OutAt<GuestSiginfo> out, In<Timespec> timeout, Size bytes) {
    siginfo_t host{};
    const SysResult result = call.kernel(set.kernel, &host, timeout.kernel, uint64_t{bytes.value});
    if (result.failed() || result.not_started() || !out) return result;
    GuestSiginfo info;
    std::memcpy(static_cast<void*>(&info), &host, sizeof info);
    return call.store(out.at, info) ? result : SysResult::fail(EFAULT);
}

SysResult sys_rt_sigqueueinfo(Call& call, Pid pid, SignalNr signal, InAt<GuestSiginfo> in) {
    const auto info = call.load(in.at);
    if (!info) return SysResult::fail(EFAULT);
    if (pretends_fault(signal.value, *info)) return SysResult::fail(EPERM);
    const siginfo_t host = host_info(*info);
    return call.kernel(pid.value, signal.value, &host);
}

SysResult sys_rt_tgsigqueueinfo(Call& call, Pid group, Pid thread, SignalNr signal, InAt<GuestSiginfo> in) {
    const auto info = call.load(in.at);
    if (!info) return SysResult::fail(EFAULT);
    if (pretends_fault(signal.value, *info)) return SysResult::fail(EPERM);
    const siginfo_t host = host_info(*info);
    return call.kernel(group.value, thread.value, signal.value, &host);
}

SysResult sys_pidfd_send_signal(Call& call, Fd fd, SignalNr signal, InAt<GuestSiginfo> in, Int flags) {
    if (!in) return call.kernel(fd.value, signal.value, nullptr, flags.value);
    const auto info = call.load(in.at);
    if (!info) return call.kernel(fd.value, signal.value, bad_pointer(), flags.value);
    if (pretends_fault(signal.value, *info)) return SysResult::fail(EPERM);
    const siginfo_t host = host_info(*info);
    return call.kernel(fd.value, signal.value, &host, flags.value);
}

// Kept for the guest and never told to the kernel, which would write frames with host registers there.
SysResult sys_sigaltstack(Call& call, InAt<GuestStack> set, OutAt<GuestStack> old) {
    constexpr int kAutoDisarm = static_cast<int>(1U << 31);
    GuestStack& stack = call.thread.signals.stack();
    const uint32_t sp = call.thread.stack_pointer();
    const bool enabled = (stack.flags & SS_DISABLE) == 0;
    const bool active = enabled && sp > stack.base && sp - stack.base <= stack.bytes;
    GuestStack before = stack;
    if (active) before.flags |= SS_ONSTACK;
    if (set) {
        const auto wanted = call.load(set.at);
        if (!wanted) return SysResult::fail(EFAULT);
        const int mode = wanted->flags & ~kAutoDisarm;
        if (active) return SysResult::fail(EPERM);
        if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE) return SysResult::fail(EINVAL);
        const bool is_the_same = wanted->base == stack.base && wanted->bytes == stack.bytes && wanted->flags == 0;
        if (is_the_same) {  // the kernel does not look at a size that it has already
        } else if (mode == SS_DISABLE) {
            stack = GuestStack{};
        } else {
            if (wanted->bytes < kMinGuestStack) return SysResult::fail(ENOMEM);
            stack = {wanted->base, wanted->flags & kAutoDisarm, wanted->bytes};
        }
    }
    if (old && !call.store(old.at, before)) return SysResult::fail(EFAULT);
    return SysResult::ok(0);
}

}  // namespace wali
