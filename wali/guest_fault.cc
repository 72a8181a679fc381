// SPDX-License-Identifier: Apache-2.0
// A handler may jump away or end the process. If it returns, an access to memory is made again, as by the kernel; any
// other instruction cannot be, so that the process then dies as if there were no handler.
#include "guest_fault.h"

#include "process.h"
#include "signals.h"
#include "wali.h"

#include <csignal>
#include <cstring>

namespace wali {

namespace {

int code_of(const GuestThread& thread, const wasm::Trap& trap, int signal) {
    switch (signal) {
        case SIGFPE:
            // Also of the quotient that does not fit: to x86 it is the same.
            return trap.kind == wasm::TrapKind::InvalidConversion ? FPE_FLTINV : FPE_INTDIV;
        case SIGILL: return ILL_ILLOPN;
        case SIGBUS: return trap.kind == wasm::TrapKind::UnalignedAtomic ? BUS_ADRALN : BUS_ADRERR;
        default: return thread.process.space.is_mapped(trap.fault_address) ? SEGV_ACCERR : SEGV_MAPERR;
    }
}

// Compiled code keeps variables on a stack in memory, at __stack_pointer. Where that points to memory which cannot be
// used, it has outgrown what it was given; leaf functions use a little below it without moving it.
bool is_stack_overflow(const GuestThread& thread, const wasm::Trap& trap) {
    using wasm::TrapKind;
    const bool at_memory = trap.kind == TrapKind::OutOfBoundsMemory || trap.kind == TrapKind::MemoryFault;
    if (!at_memory || !thread.process.stack_pointer) return false;
    const uint64_t pointer = thread.stack_pointer();
    const bool just_below = trap.fault_address < pointer && pointer - trap.fault_address <= kRedZone;
    return just_below || !thread.process.space.is_usable(pointer);
}

}  // namespace

int signal_of(const wasm::Trap& trap) {
    using wasm::TrapKind;
    switch (trap.kind) {
        case TrapKind::OutOfBoundsMemory:
        case TrapKind::OutOfBoundsTable:
        case TrapKind::UndefinedElement:
        case TrapKind::UninitializedElement:
        case TrapKind::IndirectCallMismatch:
        case TrapKind::StackExhausted:
        case TrapKind::NullReference: return SIGSEGV;
        case TrapKind::MemoryFault: return trap.detail.starts_with("SIGBUS") ? SIGBUS : SIGSEGV;
        case TrapKind::IntegerDivideByZero:
        case TrapKind::IntegerOverflow:
        case TrapKind::InvalidConversion: return SIGFPE;
        case TrapKind::Unreachable:
        case TrapKind::ExpectedSharedMemory: return SIGILL;
        case TrapKind::UnalignedAtomic: return SIGBUS;
        default: return 0;
    }
}

wasm::TrapOutcome on_guest_trap(wasm::Caller& caller, wasm::Trap& trap) {
    const int signal = signal_of(trap);
    if (signal == 0) return wasm::TrapOutcome::Trap;
    NotedSignal noted;
    noted.signal = signal;
    noted.info.si_signo = signal;
    const GuestThread& thread = GuestThread::of(caller);
    noted.info.si_code = code_of(thread, trap, signal);
    if (signal == SIGSEGV && is_stack_overflow(thread, trap)) {
        trap.detail = "C stack overflow";
    } else if (signal == SIGSEGV && thread.process.space.is_null(trap.fault_address)) {
        trap.detail = "NULL pointer";
    }
    const uint64_t address = trap.fault_address == ~uint64_t{0} ? 0 : trap.fault_address;
    std::memcpy(&noted.info.si_addr, &address, sizeof address);
    return run_fault_handler(caller, noted);
}

}  // namespace wali
