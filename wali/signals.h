// SPDX-License-Identifier: Apache-2.0
// Guest signals. The kernel does all it can: it keeps what is pending, queues, blocks by the guest's own mask, ignores
// and applies default actions. For a signal with a guest handler, one host handler takes note of it and blocks all
// others on its thread until the guest's handler has been entered, at a safepoint, on the same thread; so nothing is
// ever queued here, and order and counts stay the kernel's.
#pragma once

#include "guest_signal.h"
#include "kernel.h"

#include <wasm/fault.h>
#include <wasm/fork.h>
#include <wasm/host.h>
#include <wasm/store.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace wali {

enum class SignalsRun : uint8_t {
    None,       // no handler was waiting
    Restart,    // a handler ran, the first of them with SA_RESTART
    Interrupt,  // a handler ran, the first of them without
    Stop,       // a handler ended or jumped: the Caller has been told
};

// A signal that the host handler has taken note of.
struct NotedSignal {
    int signal = 0;
    siginfo_t info{};
};

// Runs the handlers of the signals that wait for the calling thread.
SignalsRun run_pending_signals(wasm::Caller& caller);
// Runs the handler of a fault, if the guest has one and does not block it, like a host function that was called in the
// place of the instruction. Trap: there is none. Again: it has returned.
wasm::TrapOutcome run_fault_handler(wasm::Caller& caller, const NotedSignal& fault);
// The same as a Store's interrupt hook.
wasm::HostOutcome on_interrupt(wasm::Caller& caller, void* env);

// For a signal that was noted for a handler which is not there any more.
void default_action(int signal, const siginfo_t& info);

// Actions of the process.
class SignalActions {
  public:
    // Before the guest runs: what the parent process ignored stays ignored.
    void inherit();
    // No handler of ours is left on the host.
    void reset();
    // rt_sigaction without its pointers. `action` may be null.
    int64_t exchange(int signal, const GuestSigaction* action, GuestSigaction& old);
    struct Sets {  // as signal bits
        uint64_t ignored = 0;
        uint64_t handled = 0;
    };
    Sets sets() const;
    // What to do with a signal that is being delivered; applies SA_RESETHAND.
    GuestSigaction take(int signal);

    // A guest that ignores a fault signal must see it ignored after execve, although here the handler is ours.
    void before_exec();
    void after_failed_exec();

  private:
    void install(int signal, const GuestSigaction& action);

    mutable wasm::ForkLock lock_{wasm::LockRank::Actions};
    std::array<GuestSigaction, kSignals + 1> actions_{};
    std::array<KernelSigaction, kFaultSignals.size()> fault_actions_{};  // the host's, during execve
};

// Signal state of one guest thread. All members but `note` are for that thread, outside of host handlers.
class ThreadSignals {
  public:
    ThreadSignals() = default;
    ~ThreadSignals();
    ThreadSignals(const ThreadSignals&) = delete;
    ThreadSignals& operator=(const ThreadSignals&) = delete;

    // The calling host thread runs `thread` from now on, with this mask, until leave(). The host thread must have all
    // signals blocked, or be the process's first. Until leave(), the host's handlers run on kHostStackBytes from
    // `stack`, unless they have a stack already.
    static constexpr size_t kHostStackBytes = 64 << 10;
    void enter(wasm::Thread& thread, uint64_t mask, std::byte* stack);
    void leave();  // blocks all signals but faults

    uint64_t mask() const { return mask_; }
    // Sets the guest's mask, unless a signal has been noted already: that one comes first (false).
    bool set_mask(uint64_t mask);
    // The same in two steps: what the guest sees, and making the host follow. The second is refused, and not needed,
    // while a noted signal keeps everything blocked.
    void assume_mask(uint64_t mask);
    bool sync_host_mask() { return set_host_mask(mask_ & ~kFaults); }
    // For execve, fault signals included: the next program inherits it.
    bool expose_mask() { return set_host_mask(mask_); }

    // While blocked in a call that has a mask of its own (ppoll), signals arrive under that mask.
    void set_wait_mask(std::optional<uint64_t> mask) { wait_mask_ = mask; }
    std::optional<uint64_t> wait_mask() const { return wait_mask_; }

    bool waiting() const { return waiting_.load(std::memory_order_relaxed) != 0; }
    std::optional<NotedSignal> take();
    // Fault signals that were sent while the guest blocks them: to it, they are pending.
    uint64_t held_faults() const { return held_faults_.load(std::memory_order_relaxed); }

    GuestStack& stack() { return stack_; }
    const GuestStack& stack() const { return stack_; }

    // In the child of a fork: signals are for the parent.
    void forget_noted();

    // From the host handler: false when one is noted already.
    bool note(int signal, const siginfo_t& info);
    wasm::Thread* thread() const { return thread_; }

  private:
    static constexpr uint32_t kSlot = 1;
    static uint32_t fault_bit(int signal);  // its bit in waiting_
    bool set_host_mask(uint64_t mask);
    void release_held();

    std::atomic<uint32_t> waiting_{0};  // kSlot and fault bits: what has been noted
    NotedSignal slot_;                  // while it is in use, the host blocks all signals but faults
    std::array<NotedSignal, 4> faults_;
    std::atomic<uint64_t> held_faults_{0};  // noted but blocked by the guest, as signal bits
    wasm::Thread* thread_ = nullptr;
    uint64_t mask_ = 0;
    std::optional<uint64_t> wait_mask_;
    GuestStack stack_;
    bool has_host_stack_ = false;
};

}  // namespace wali
