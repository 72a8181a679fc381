// SPDX-License-Identifier: Apache-2.0
// Actions, the host handler, and the signal state of a thread. Raw system calls throughout: libc hides signals 32 and
// 33, which guests use.
#include "signals.h"

#include "libc_signals.h"

#include <wasm/fault.h>

#include <ucontext.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace wali {

namespace {

constexpr uint64_t kAll = ~uint64_t{0};
constexpr uint64_t kAllButFaults = kAll & ~kFaults;
constexpr uint64_t kRestorerFlag = 0x04000000;
// What the kernel knows; it forgets other flags.
constexpr uint64_t kGuestFlags = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER |
                                 static_cast<uint32_t>(SA_RESETHAND) | kRestorerFlag;
// Meant for the kernel, whoever handles the signal.
constexpr uint64_t kKernelFlags = SA_NOCLDSTOP | SA_NOCLDWAIT;

thread_local ThreadSignals* t_signals = nullptr;

// Fault signals that the guest handles or ignores, when somebody sends them.
std::atomic<uint64_t> g_wanted_faults{0};

KernelSigaction host_action(uintptr_t handler, uint64_t flags) {
    KernelSigaction action;
    action.handler = handler;
    action.flags = flags;
    action.mask = kAll;
    set_restorer(action);
    return action;
}

constexpr bool is_engine_signal(int signal) { return signal == SIGSEGV || signal == SIGBUS; }

long set_host_action(int signal, const KernelSigaction* action, KernelSigaction* old) {
    return kernel(SYS_rt_sigaction, signal, action, old, kSigsetBytes);
}

uint64_t& mask_to_restore(void* context) {
    return *reinterpret_cast<uint64_t*>(&static_cast<ucontext_t*>(context)->uc_sigmask);
}

void send_to_self(int signal, const siginfo_t& info, bool to_thread) {
    const long pid = kernel(SYS_getpid);
    if (to_thread) {
        kernel(SYS_rt_tgsigqueueinfo, pid, kernel(SYS_gettid), signal, &info);
    } else {
        kernel(SYS_rt_sigqueueinfo, pid, signal, &info);
    }
}

// SIGSEGV, SIGBUS, SIGFPE or SIGILL. False: the default action.
bool on_fault_signal(int signal, siginfo_t* info, void* context) {
    // A code above zero is the kernel's: a real fault, and not the guest's, or the engine would have known.
    if (info->si_code > 0 || (g_wanted_faults.load() & signal_bit(signal)) == 0) return false;
    ThreadSignals* const signals = t_signals;
    if (signals == nullptr) {  // a thread that is ending: for another one
        mask_to_restore(context) |= signal_bit(signal);
        send_to_self(signal, *info, false);
        return true;
    }
    signals->note(signal, *info);
    stop_before_syscall(context);
    return true;
}

void on_host_signal(int signal, siginfo_t* info, void* context) {
    if (is_fault(signal)) {
        if (!on_fault_signal(signal, info, context)) default_action(signal, *info);
        return;
    }
    // Nothing more on this thread until the guest has taken it: the kernel keeps what comes.
    mask_to_restore(context) = kAllButFaults;
    ThreadSignals* const signals = t_signals;
    if (signals == nullptr) {
        // A thread that has only just begun takes what was sent to it a little later; for all else there are others.
        return send_to_self(signal, *info, info->si_code == SI_TKILL);
    }
    if (!signals->note(signal, *info)) return send_to_self(signal, *info, true);
    stop_before_syscall(context);
}

}  // namespace

// ---- actions -------------------------------------------------------------------------------------------------------

void SignalActions::inherit() {
    for (int signal = 1; signal <= kSignals; ++signal) {
        KernelSigaction host;
        set_host_action(signal, nullptr, &host);
        const bool ignored = is_engine_signal(signal) ? wasm::was_ignored_before(signal)
                                                      : host.handler == reinterpret_cast<uintptr_t>(SIG_IGN);
        // The host may have threads already.
        const bool libcs = is_signal_of_libc(signal) && host.handler != 0;
        if (!ignored && !libcs) continue;
        GuestSigaction& action = actions_[static_cast<size_t>(signal)];
        action.handler = ignored ? kSigIgn : kSigDfl;
        install(signal, action);
    }
}

void SignalActions::reset() {
    const std::lock_guard guard(lock_);
    for (int signal = 1; signal <= kSignals; ++signal) {
        KernelSigaction now;
        set_host_action(signal, nullptr, &now);
        if (now.handler != reinterpret_cast<uintptr_t>(&on_host_signal)) continue;
        const KernelSigaction standard = host_action(reinterpret_cast<uintptr_t>(SIG_DFL), 0);
        set_host_action(signal, &standard, nullptr);
    }
    g_wanted_faults.store(0);
    wasm::set_foreign_signal_handler(nullptr);
}

int64_t SignalActions::exchange(int signal, const GuestSigaction* action, GuestSigaction& old) {
    if (!is_signal(signal) || (action != nullptr && (kUnblockable & signal_bit(signal)) != 0)) return -EINVAL;
    const std::lock_guard guard(lock_);
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
    bool handled = action.handler != kSigDfl && action.handler != kSigIgn;
    if (is_fault(signal)) {
        const uint64_t bit = signal_bit(signal);
        action.handler == kSigDfl ? g_wanted_faults.fetch_and(~bit) : g_wanted_faults.fetch_or(bit);
        wasm::set_foreign_signal_handler(&on_fault_signal);
        if (is_engine_signal(signal)) return;  // the engine's handler asks ours
        handled |= action.handler == kSigIgn;
    }
    const auto handler = handled ? reinterpret_cast<uintptr_t>(&on_host_signal)
                                 : reinterpret_cast<uintptr_t>(action.handler == kSigIgn ? SIG_IGN : SIG_DFL);
    const KernelSigaction host = host_action(handler, handled ? flags | SA_SIGINFO | SA_ONSTACK : flags);
    set_host_action(signal, &host, nullptr);
}

GuestSigaction SignalActions::take(int signal) {
    const std::lock_guard guard(lock_);
    GuestSigaction& action = actions_[static_cast<size_t>(signal)];
    const GuestSigaction taken = action;
    if (taken.handler != kSigDfl && taken.handler != kSigIgn && (taken.flags & static_cast<uint32_t>(SA_RESETHAND))) {
        action.handler = kSigDfl;
        install(signal, action);
    }
    return taken;
}

SignalActions::Sets SignalActions::sets() const {
    Sets sets;
    const std::lock_guard guard(lock_);
    for (int signal = 1; signal <= kSignals; ++signal) {
        const uint32_t handler = actions_[static_cast<size_t>(signal)].handler;
        if (handler == kSigIgn) sets.ignored |= signal_bit(signal);
        if (handler != kSigIgn && handler != kSigDfl) sets.handled |= signal_bit(signal);
    }
    return sets;
}

void SignalActions::before_exec() {
    const KernelSigaction ignore = host_action(reinterpret_cast<uintptr_t>(SIG_IGN), 0);
    for (size_t i = 0; i < fault_actions_.size(); ++i) {
        if (actions_[static_cast<size_t>(kFaultSignals[i])].handler != kSigIgn) continue;
        set_host_action(kFaultSignals[i], &ignore, &fault_actions_[i]);
    }
}

void SignalActions::after_failed_exec() {
    for (size_t i = 0; i < fault_actions_.size(); ++i) {
        if (fault_actions_[i].handler != 0) set_host_action(kFaultSignals[i], &fault_actions_[i], nullptr);
        fault_actions_[i] = {};
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

void ThreadSignals::enter(wasm::Thread& thread, uint64_t mask, std::byte* own_stack) {
    stack_t stack{};
    kernel(SYS_sigaltstack, nullptr, &stack);
    has_host_stack_ = (stack.ss_flags & SS_DISABLE) != 0;
    if (has_host_stack_) {
        stack = {own_stack, 0, kHostStackBytes};
        kernel(SYS_sigaltstack, &stack, nullptr);
    }
    thread_ = &thread;
    t_signals = this;
    t_signal_waiting = &waiting_;
    assume_mask(mask);
    sync_host_mask();
}

void ThreadSignals::leave() {
    // Faults stay open: what the thread leaves behind in guest memory may lie where nothing can be written.
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &kAllButFaults, nullptr, kSigsetBytes);
    t_signals = nullptr;
    t_signal_waiting = &kNoSignalEver;
    thread_ = nullptr;
    if (!has_host_stack_) return;
    const stack_t none{nullptr, SS_DISABLE, 0};
    kernel(SYS_sigaltstack, &none, nullptr);
    has_host_stack_ = false;
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

[[gnu::hot]] bool ThreadSignals::set_host_mask(uint64_t mask) {
    return kernel_unless(waiting_, SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, kSigsetBytes) != kNotStarted;
}

[[gnu::hot]] bool ThreadSignals::set_mask(uint64_t mask) {
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
    for (const int signal : kFaultSignals) {
        const uint64_t bit = signal_bit(signal);
        if ((held_faults_.load(std::memory_order_relaxed) & bit & ~mask_) == 0) continue;
        held_faults_.fetch_and(~bit, std::memory_order_relaxed);
        waiting_.fetch_or(fault_bit(signal), std::memory_order_relaxed);
        thread_->request_interrupt();
    }
}

[[gnu::hot]] void ThreadSignals::forget_noted() {
    waiting_.store(0, std::memory_order_relaxed);
    held_faults_.store(0, std::memory_order_relaxed);
}

}  // namespace wali
