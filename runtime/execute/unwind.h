// SPDX-License-Identifier: Apache-2.0
// Frames of the engine's stack: finding the function a frame belongs to, walking, and the ways to drop several frames
// at once — exceptions and jumps to a setjmp.
#pragma once

#include "instance/objects.h"

#include <cstdint>
#include <cstring>
#include <optional>

namespace wasm {

// What a call that leaves its instance (or needs its results adapted) keeps below the callee's frame.
struct BoundaryFrame {
    const uint8_t* return_pc;
    uint8_t* fp;
    InstanceData* instance;  // of the caller
    Slot* globals;
    TypeId caller_type;  // what the caller expects; where the callee's type differs, results are adapted
    TypeId callee_type;
};
inline constexpr uint32_t kBoundarySlots = sizeof(BoundaryFrame) / 8;

// Where there is nothing to copy, either side may be null, which memcpy forbids.
inline void copy_slots(void* to, const void* from, uint64_t count) {
    if (count != 0) std::memcpy(to, from, count * sizeof(Slot));
}

// Return addresses that are not in any function's code.
const uint8_t* halt_pc();
const uint8_t* leave_boundary_pc();

// One activation. pc is inside the instruction that is executing or calling.
struct Activation {
    FuncData* func = nullptr;
    InstanceData* instance = nullptr;
    const uint8_t* pc = nullptr;
    uint8_t* fp = nullptr;
};
// The activation that stands at pc/fp; nullopt when pc is in no code of `instance`.
std::optional<Activation> activation_at(InstanceData* instance, const uint8_t* pc, uint8_t* fp);
// Its caller; nullopt at the entry from the host.
std::optional<Activation> caller_of(const Activation& a);

// Continues a throw at pc/fp: true when a handler was found in the current entry, with ctx.pc, ctx.fp and the current
// instance set to it.
bool unwind_exception(ExecContext& ctx, ExceptionData* exception, const uint8_t* pc, uint8_t* fp);

// After a host function said Stop: true when execution goes on in the current entry at ctx.pc, ctx.fp.
bool settle_stop(ExecContext& ctx);

// The activation that `serial` names (see Code::serial_slot), if it is still on this thread's stack.
std::optional<Activation> find_activation(const ExecContext& ctx, uint64_t serial);
std::vector<FrameInfo> backtrace(const ExecContext& ctx, const uint8_t* pc, uint8_t* fp);
void enter_instance(ExecContext& ctx, InstanceData* instance);

}  // namespace wasm
