// SPDX-License-Identifier: Apache-2.0
// The C++ side of the handlers' slow paths.
#pragma once

#include "execute/unwind.h"

namespace wasm {

enum class CallOut : uint8_t {
    Entered,   // a wasm function of another instance (or another type): go on at ctx.pc, ctx.fp
    Returned,  // a host function has run; results are over the arguments
    Stopped,   // settle_stop decides
};
struct SlowCall {
    FuncData* f;
    TypeId expected;  // by the call site
    uint8_t* args;
    const uint8_t* return_pc;
    uint8_t* return_fp;
    const uint8_t* tail_from;  // of a tail call: where the arguments are before they move to `args`
};
// site_pc/site_fp name the calling instruction, for a trap. On Entered, ctx.pc and ctx.fp are the callee's.
CallOut call_out(ExecContext& ctx, const SlowCall& call, const uint8_t* site_pc, uint8_t* site_fp);
// Returns through a boundary frame: results adapted, the caller's instance current, ctx.pc and ctx.fp set.
void leave_boundary(ExecContext& ctx, uint8_t* boundary);

// Translates `f` if nobody has. False: its body is invalid, and the trap is recorded.
bool translate_now(ExecContext& ctx, FuncData* f, const uint8_t* pc, uint8_t* fp);

enum class InterruptEnd : uint8_t { Same, Moved, Stop };
InterruptEnd run_interrupt(ExecContext& ctx);

// After the fault handler has jumped out of wasm code: makes a trap of what it noted.
void finish_fault(ExecContext& ctx);

// Runs `f` on this thread, nested in whatever it runs already.
Stop enter_from_host(ExecContext& ctx, FuncData* f, const Slot* args, Slot* results);

}  // namespace wasm
