// SPDX-License-Identifier: Apache-2.0
// Entering guest handlers: masks, the frame in guest memory, the call. Nothing here needs to be undone when a handler
// jumps away (longjmp): as in the kernel, all that a handler changes is the mask, and that then stays.
#include "function_pointer.h"
#include "process.h"
#include "signals.h"

#include <cstring>

namespace wali {

namespace {

constexpr uint32_t kAutoDisarm = 1U << 31;  // SS_AUTODISARM

struct Frame {
    uint32_t stack_pointer = 0;
    uint32_t info = 0;  // guest addresses; 0 unless the handler asked for them
    uint32_t context = 0;
};

bool on_stack(const GuestStack& stack, uint32_t address) {
    return (stack.flags & SS_DISABLE) == 0 && address > stack.base && address - stack.base <= stack.bytes;
}

GuestSiginfo guest_info(const siginfo_t& host) {
    GuestSiginfo info;
    std::memcpy(static_cast<void*>(&info), &host, sizeof info);
    return info;
}

// Lays out the handler's frame and fills it; nullopt: there is no room for it.
std::optional<Frame> make_frame(const GuestThread& thread,
                                wasm::Memory memory,
                                const GuestSigaction& action,
                                const NotedSignal& noted,
                                uint64_t saved_mask) {
    const uint32_t interrupted = thread.stack_pointer();
    const GuestStack& stack = thread.signals.stack();
    const bool switches =
        (action.flags & SA_ONSTACK) != 0 && (stack.flags & SS_DISABLE) == 0 && !on_stack(stack, interrupted);
    const uint32_t top = switches ? stack.base + stack.bytes : interrupted - kRedZone;
    if (!switches && interrupted < kRedZone) return std::nullopt;
    const bool wants_info = (action.flags & SA_SIGINFO) != 0;
    constexpr uint32_t kFrameBytes = sizeof(GuestSiginfo) + sizeof(GuestUcontext);
    if (!wants_info) return Frame{top & ~15U, 0, 0};
    if (top < kFrameBytes + 16) return std::nullopt;
    Frame frame;
    frame.context = (top - kFrameBytes) & ~15U;
    frame.info = frame.context + static_cast<uint32_t>(sizeof(GuestUcontext));
    frame.stack_pointer = frame.context;
    GuestUcontext context;
    context.stack = stack;
    context.mask = saved_mask;
    const GuestSiginfo info = guest_info(noted.info);
    if (!memory.store(wasm::GuestPtr<GuestUcontext>{wasm::GuestAddr{frame.context}}, context) ||
        !memory.store(wasm::GuestPtr<GuestSiginfo>{wasm::GuestAddr{frame.info}}, info)) {
        return std::nullopt;
    }
    return frame;
}

// Calls the handler and returns the mask to continue with; nullopt: the Caller has been told to stop.
std::optional<uint64_t> call_handler(wasm::Caller& caller,
                                     const GuestSigaction& action,
                                     const NotedSignal& noted,
                                     uint64_t saved_mask) {
    GuestThread& thread = GuestThread::of(caller);
    const size_t arguments = (action.flags & SA_SIGINFO) != 0 ? 3 : 1;
    const auto function = FunctionPointer::resolve(caller, action.handler, arguments);
    if (!function) return std::nullopt;
    const uint32_t interrupted = thread.stack_pointer();
    const auto frame = make_frame(thread, caller.memory(), action, noted, saved_mask);
    if (!frame) {
        static_cast<void>(caller.trap(wasm::TrapKind::StackExhausted, "no room for the frame of a signal handler"));
        return std::nullopt;
    }
    const GuestStack stack = thread.signals.stack();
    if ((static_cast<uint32_t>(stack.flags) & kAutoDisarm) != 0) thread.signals.stack() = GuestStack{};
    thread.set_stack_pointer(frame->stack_pointer);
    const uint32_t args[] = {static_cast<uint32_t>(noted.signal), frame->info, frame->context};
    if (function->call(caller, args) == wasm::HostOutcome::Stop) return std::nullopt;
    thread.set_stack_pointer(interrupted);
    thread.signals.stack() = stack;  // sigreturn brings it back, whatever the handler did to it
    if (frame->context == 0) return saved_mask;
    // As after sigreturn, the mask is what the frame says now.
    const auto mask_at = wasm::GuestAddr{frame->context + static_cast<uint32_t>(offsetof(GuestUcontext, mask))};
    return caller.memory().load(wasm::GuestPtr<uint64_t>{mask_at}).value_or(saved_mask);
}

// With the handler's mask, around it. False: the Caller has been told to stop.
bool enter_handler(wasm::Caller& caller,
                   const GuestSigaction& action,
                   const NotedSignal& noted,
                   std::optional<uint64_t> wait_mask) {
    GuestThread& thread = GuestThread::of(caller);
    ThreadSignals& signals = thread.signals;
    if (thread.process.tracer) thread.process.tracer->signal(noted);
    const uint64_t own = signal_bit(noted.signal);
    const uint64_t saved = signals.mask();
    const uint64_t base = wait_mask && (*wait_mask & own) == 0 ? *wait_mask : saved;
    signals.assume_mask(base | action.mask | ((action.flags & SA_NODEFER) != 0 ? 0 : own));
    signals.sync_host_mask();
    const auto continue_with = call_handler(caller, action, noted, saved);
    if (!continue_with) return false;
    signals.assume_mask(*continue_with);
    return true;
}

}  // namespace

wasm::TrapOutcome run_fault_handler(wasm::Caller& caller, const NotedSignal& fault) {
    GuestThread& thread = GuestThread::of(caller);
    // In the kernel too a fault that is blocked or ignored is deadly.
    if ((thread.signals.mask() & signal_bit(fault.signal)) != 0) return wasm::TrapOutcome::Trap;
    const GuestSigaction action = thread.process.actions.take(fault.signal);
    if (action.handler == kSigIgn || action.handler == kSigDfl) return wasm::TrapOutcome::Trap;
    if (!enter_handler(caller, action, fault, std::nullopt)) return wasm::TrapOutcome::Stop;
    // What the handler had blocked comes now.
    const bool all_come = thread.signals.sync_host_mask() && !thread.signals.waiting();
    if (!all_come && run_pending_signals(caller) == SignalsRun::Stop) return wasm::TrapOutcome::Stop;
    return wasm::TrapOutcome::Again;
}

SignalsRun run_pending_signals(wasm::Caller& caller) {
    GuestThread& thread = GuestThread::of(caller);
    ThreadSignals& signals = thread.signals;
    const std::optional<uint64_t> wait_mask = signals.wait_mask();
    signals.set_wait_mask(std::nullopt);
    if (!signals.waiting()) return SignalsRun::None;
    SignalsRun result = SignalsRun::None;
    do {
        while (const auto noted = signals.take()) {
            const GuestSigaction action = thread.process.actions.take(noted->signal);
            if (action.handler == kSigIgn) continue;
            if (action.handler == kSigDfl) {
                default_action(noted->signal, noted->info);
                continue;
            }
            if (!enter_handler(caller, action, *noted, wait_mask)) return SignalsRun::Stop;
            // As in the kernel, the first handler decides about the interrupted call.
            if (result == SignalsRun::None) {
                result = (action.flags & SA_RESTART) != 0 ? SignalsRun::Restart : SignalsRun::Interrupt;
            }
        }
    } while (!signals.sync_host_mask() || signals.waiting());  // all that is unblocked now comes before going on
    return result;
}

wasm::HostOutcome on_interrupt(wasm::Caller& caller, void*) {
    return run_pending_signals(caller) == SignalsRun::Stop ? wasm::HostOutcome::Stop : wasm::HostOutcome::Continue;
}

}  // namespace wali
