// SPDX-License-Identifier: Apache-2.0
// Actions, the host handler, and the signal state of a thread. Raw system calls throughout: libc hides signals 32 and
// 33, which guests use.
#include "signals.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace wali {

namespace {

constexpr uint64_t kAll = ~uint64_t{0};
constexpr size_t kHostStackBytes = 64 << 10;
constexpr uint64_t kRestorerFlag = 0x04000000;
// What the kernel knows; it forgets other flags.
constexpr uint64_t kGuestFlags = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER |
                                 static_cast<uint32_t>(SA_RESETHAND) | kRestorerFlag;
// Meant for the kernel, whoever handles the signal.
constexpr uint64_t kKernelFlags = SA_NOCLDSTOP | SA_NOCLDWAIT;

thread_local ThreadSignals* t_signals = nullptr;

// What was installed for the fault signals before us: the runtime's own fault handling, or nothing.
KernelSigaction g_previous[kSignals + 1];

KernelSigaction host_action(uintptr_t handler, uint64_t flags) {
    KernelSigaction action;
    action.handler = handler;
    action.flags = flags;
    action.mask = kAll;
    set_restorer(action);
    return action;
}

long set_host_action(int signal, const KernelSigaction* action, KernelSigaction* old) {
    return kernel(SYS_rt_sigaction, signal, action, old, kSigsetBytes);
}

uint64_t& mask_to_restore(void* context) {
    return *reinterpret_cast<uint64_t*>(&static_cast<ucontext_t*>(context)->uc_sigmask);
}

// A fault of the host itself, or in guest memory: not ours to judge.
void pass_on_fault(int signal, siginfo_t* info, void* context) {
    const KernelSigaction& previous = g_previous[signal];
    if (previous.handler == reinterpret_cast<uintptr_t>(SIG_DFL) ||
        previous.handler == reinterpret_cast<uintptr_t>(SIG_IGN)) {
        const KernelSigaction standard = host_action(reinterpret_cast<uintptr_t>(SIG_DFL), 0);
        set_host_action(signal, &standard, nullptr);  // the instruction faults again, for good
        return;
    }
    reinterpret_cast<void (*)(int, siginfo_t*, void*)>(previous.handler)(signal, info, context);
}

void send_to_self(int signal, const siginfo_t& info, bool to_thread) {
    const long pid = kernel(SYS_getpid);
    if (to_thread) {
        kernel(SYS_rt_tgsigqueueinfo, pid, kernel(SYS_gettid), signal, &info);
    } else {
        kernel(SYS_rt_sigqueueinfo, pid, signal, &info);
    }
}

void on_host_signal(int signal, siginfo_t* info, void* context) {
    if (is_fault(signal) && info->si_code > 0) return pass_on_fault(signal, info, context);
    // Nothing more on this thread until the guest has taken it: the kernel keeps what comes.
    mask_to_restore(context) = kAll & ~kFaults;
    ThreadSignals* const signals = t_signals;
    if (signals == nullptr) return send_to_self(signal, *info, false);  // a thread of the runtime: for another one
    if (!signals->note(signal, *info)) return send_to_self(signal, *info, true);
    stop_before_syscall(context);
}

}  // namespace

// ---- actions -------------------------------------------------------------------------------------------------------

void SignalActions::inherit() {
    for (int signal = 1; signal <= kSignals; ++signal) {
        KernelSigaction host;
        if (set_host_action(signal, nullptr, &host) == 0 && host.handler == reinterpret_cast<uintptr_t>(SIG_IGN)) {
            actions_[static_cast<size_t>(signal)].handler = kSigIgn;
        }
    }
}

void SignalActions::reset() {
    const std::lock_guard guard(mutex_);
    for (int signal = 1; signal <= kSignals; ++signal) {
        KernelSigaction now;
        set_host_action(signal, nullptr, &now);
        if (now.handler != reinterpret_cast<uintptr_t>(&on_host_signal)) continue;
        const KernelSigaction before =
            is_fault(signal) ? g_previous[signal] : host_action(reinterpret_cast<uintptr_t>(SIG_DFL), 0);
        set_host_action(signal, &before, nullptr);
    }
}

int64_t SignalActions::exchange(int signal, const GuestSigaction* action, GuestSigaction& old) {
    if (!is_signal(signal) || (action != nullptr && (kUnblockable & signal_bit(signal)) != 0)) return -EINVAL;
    const std::lock_guard guard(mutex_);
    old = actions_[static_cast<size_t>(signal)];
    if (action == nullptr) return 0;
    GuestSigaction kept = *action;
    kept.flags &= kGuestFlags;
    kept.mask &= ~kUnblockable;
    actions_[static_cast<size_t>(signal)] = kept;
    install(signal, kept);
    return 0;
}

void SignalActions::install(int signal, const GuestSigaction& action) {
    const uint64_t flags = action.flags & kKernelFlags;
    const bool handled = action.handler != kSigDfl && action.handler != kSigIgn;
    if (is_fault(signal)) {
        // Ours stays once it is there, in front of the runtime's; take() then finds what the guest wants.
        KernelSigaction now;
        set_host_action(signal, nullptr, &now);
        const auto ours = reinterpret_cast<uintptr_t>(&on_host_signal);
        if (now.handler == ours || action.handler == kSigDfl) return;
        g_previous[signal] = now;
        const KernelSigaction host = host_action(ours, SA_SIGINFO | SA_ONSTACK);
        set_host_action(signal, &host, nullptr);
        return;
    }
    const auto handler = handled ? reinterpret_cast<uintptr_t>(&on_host_signal)
                                 : reinterpret_cast<uintptr_t>(action.handler == kSigIgn ? SIG_IGN : SIG_DFL);
    const KernelSigaction host = host_action(handler, handled ? flags | SA_SIGINFO | SA_ONSTACK : flags);
    set_host_action(signal, &host, nullptr);
}

GuestSigaction SignalActions::take(int signal) {
    const std::lock_guard guard(mutex_);
    GuestSigaction& action = actions_[static_cast<size_t>(signal)];
    const GuestSigaction taken = action;
    if (taken.handler != kSigDfl && taken.handler != kSigIgn && (taken.flags & static_cast<uint32_t>(SA_RESETHAND))) {
        action.handler = kSigDfl;
        install(signal, action);
    }
    return taken;
}

void SignalActions::before_exec() const {
    for (int signal = 1; signal <= kSignals; ++signal) {
        if (!is_fault(signal) || actions_[static_cast<size_t>(signal)].handler != kSigIgn) continue;
        const KernelSigaction ignore = host_action(reinterpret_cast<uintptr_t>(SIG_IGN), 0);
        set_host_action(signal, &ignore, nullptr);
    }
}

void SignalActions::after_failed_exec() const {
    for (int signal = 1; signal <= kSignals; ++signal) {
        if (!is_fault(signal) || actions_[static_cast<size_t>(signal)].handler != kSigIgn) continue;
        const KernelSigaction ours = host_action(reinterpret_cast<uintptr_t>(&on_host_signal), SA_SIGINFO | SA_ONSTACK);
        set_host_action(signal, &ours, nullptr);
    }
}

void default_action(int signal, const siginfo_t& info) {
    if (is_fault(signal)) {
        const KernelSigaction standard = host_action(reinterpret_cast<uintptr_t>(SIG_DFL), 0);
        set_host_action(signal, &standard, nullptr);
    }
    send_to_self(signal, info, true);
}

// ---- one thread ----------------------------------------------------------------------------------------------------

ThreadSignals::~ThreadSignals() {
    if (t_signals == this) leave();
}

void ThreadSignals::enter(wasm::Thread& thread, uint64_t mask) {
    stack_t stack{};
    kernel(SYS_sigaltstack, nullptr, &stack);
    if ((stack.ss_flags & SS_DISABLE) != 0) {
        void* memory = mmap(nullptr, kHostStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED) {
            host_stack_ = memory;
            stack = {host_stack_, 0, kHostStackBytes};
            kernel(SYS_sigaltstack, &stack, nullptr);
        }
    }
    thread_ = &thread;
    t_signals = this;
    t_signal_waiting = &waiting_;
    assume_mask(mask);
    sync_host_mask();
}

void ThreadSignals::leave() {
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &kAll, nullptr, kSigsetBytes);
    t_signals = nullptr;
    t_signal_waiting = &kNoSignalEver;
    thread_ = nullptr;
    if (host_stack_ == nullptr) return;
    const stack_t none{nullptr, SS_DISABLE, 0};
    kernel(SYS_sigaltstack, &none, nullptr);
    munmap(host_stack_, kHostStackBytes);
    host_stack_ = nullptr;
}

uint32_t ThreadSignals::fault_bit(int signal) {
    const uint64_t below = kFaults & (signal_bit(signal) - 1);
    return kSlot << (1 + std::popcount(below));
}

bool ThreadSignals::note(int signal, const siginfo_t& info) {
    if (is_fault(signal)) {
        const uint32_t bit = fault_bit(signal);
        faults_[static_cast<size_t>(std::countr_zero(bit)) - 1] = {signal, info};
        if ((mask_ & signal_bit(signal)) != 0) {
            held_faults_.fetch_or(signal_bit(signal), std::memory_order_relaxed);
            return true;
        }
        waiting_.fetch_or(bit, std::memory_order_relaxed);
    } else {
        if ((waiting_.load(std::memory_order_relaxed) & kSlot) != 0) return false;
        slot_ = {signal, info};
        std::atomic_signal_fence(std::memory_order_release);
        waiting_.fetch_or(kSlot, std::memory_order_relaxed);
    }
    thread_->request_interrupt();
    return true;
}

std::optional<NotedSignal> ThreadSignals::take() {
    const uint32_t waiting = waiting_.load(std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_acquire);
    if (waiting == 0) return std::nullopt;
    const uint32_t faults = waiting & ~kSlot;
    const uint32_t bit = faults != 0 ? faults & -faults : kSlot;  // faults first, as in the kernel
    const NotedSignal noted = faults != 0 ? faults_[static_cast<size_t>(std::countr_zero(bit)) - 1] : slot_;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    waiting_.fetch_and(~bit, std::memory_order_relaxed);
    return noted;
}

bool ThreadSignals::set_host_mask(uint64_t mask) {
    return kernel_unless(waiting_, SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, kSigsetBytes) != kNotStarted;
}

bool ThreadSignals::set_mask(uint64_t mask) {
    mask &= ~kUnblockable;
    if (!set_host_mask(mask & ~kFaults)) return false;
    assume_mask(mask);
    return true;
}

void ThreadSignals::assume_mask(uint64_t mask) {
    mask_ = mask & ~kUnblockable;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if ((held_faults_.load(std::memory_order_relaxed) & ~mask_) != 0) release_held();
}

void ThreadSignals::release_held() {
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        const uint64_t bit = signal_bit(signal);
        if ((held_faults_.load(std::memory_order_relaxed) & bit & ~mask_) == 0) continue;
        held_faults_.fetch_and(~bit, std::memory_order_relaxed);
        waiting_.fetch_or(fault_bit(signal), std::memory_order_relaxed);
        thread_->request_interrupt();
    }
}

void ThreadSignals::forget_noted() {
    waiting_.store(0, std::memory_order_relaxed);
    held_faults_.store(0, std::memory_order_relaxed);
}

}  // namespace wali
