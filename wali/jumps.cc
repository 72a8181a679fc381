// SPDX-License-Identifier: Apache-2.0
// The target is kept inside the guest's buffer, for guests copy buffers by value, and is checked by the engine when it
// is used. What the frame itself does not hold is restored here: the C stack's pointer and, if it was saved, the mask.
#include "jumps.h"

#include "process.h"
#include "signals.h"

#include <cstddef>

namespace wali {

namespace {

// musl's jmp_buf. It is only ever written and read here, except for being copied.
struct JumpBuffer {
    wasm::JumpPoint point;
    uint32_t stack_pointer = 0;
    uint32_t reserved[11] = {};
    uint64_t has_mask = 0;
    uint64_t mask = 0;
    uint8_t mask_tail[120] = {};
};
constexpr size_t kEngineBytes = 208;  // what libc leaves to the engine, before its own two fields
static_assert(offsetof(JumpBuffer, has_mask) == kEngineBytes, "a JumpPoint and a stack pointer must fit");
static_assert(sizeof(JumpBuffer) == 344);

wasm::HostResult<int32_t> capture(wasm::Caller& caller, wasm::GuestAddr at, bool save_mask) {
    const GuestThread& thread = GuestThread::of(caller);
    JumpBuffer buffer;
    if (!caller.capture(buffer.point)) {
        return caller.trap(wasm::TrapKind::HostLimit, "setjmp inside an expression with too many live operands");
    }
    buffer.stack_pointer = thread.stack_pointer();
    buffer.has_mask = save_mask ? 1 : 0;
    buffer.mask = save_mask ? thread.signals.mask() : 0;
    // The tail of the mask is libc's padding: left alone.
    if (!caller.memory().write(at, &buffer, offsetof(JumpBuffer, mask_tail))) {
        return caller.trap(wasm::TrapKind::OutOfBoundsMemory, "setjmp: buffer");
    }
    return 0;
}

}  // namespace

wasm::HostResult<int32_t> guest_setjmp(wasm::Caller& caller, wasm::GuestAddr buffer) {
    return capture(caller, buffer, false);
}

wasm::HostResult<int32_t> guest_sigsetjmp(wasm::Caller& caller, wasm::GuestAddr buffer, int32_t save_mask) {
    return capture(caller, buffer, save_mask != 0);
}

wasm::HostOutcome guest_longjmp(wasm::Caller& caller, wasm::GuestAddr at, int32_t value) {
    GuestThread& thread = GuestThread::of(caller);
    JumpBuffer buffer;
    if (!caller.memory().read(at, &buffer, offsetof(JumpBuffer, mask_tail))) {
        return caller.trap(wasm::TrapKind::OutOfBoundsMemory, "longjmp: buffer");
    }
    // Signals that came before are handled before, as far as a new mask is concerned.
    while (buffer.has_mask != 0 && !thread.signals.set_mask(buffer.mask)) {
        if (run_pending_signals(caller) == SignalsRun::Stop) return wasm::HostOutcome::Stop;
    }
    thread.set_stack_pointer(buffer.stack_pointer);
    return caller.resume_at(buffer.point, value == 0 ? 1U : static_cast<uint32_t>(value));
}

}  // namespace wali
