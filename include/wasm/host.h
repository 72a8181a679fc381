// SPDX-License-Identifier: Apache-2.0
// Host functions: what native code must look like to be called by wasm, and what it may do meanwhile.
#pragma once

#include <wasm/memory.h>
#include <wasm/trap.h>
#include <wasm/types.h>

#include <cstdint>
#include <string>

namespace wasm {

class Caller;
class Thread;
struct InstanceData;
struct ExecContext;
class Func;
class Instance;

// Continue: results are in the slots, go on. Stop: the Caller has been told why (trap, exit, jump).
enum class [[nodiscard]] HostOutcome : uint8_t { Continue, Stop };

// A native function. `slots` holds the arguments in place (a v128 takes two slots); results overwrite them from
// slots[0] on. There is room for max(params, results) slots. No boxing, no allocation, no signature parsing.
// Must not throw. Runs on the thread that executes the calling wasm code.
using HostFn = HostOutcome (*)(Caller& caller, Slot* slots, void* env);

struct HostFunc {
    FuncType type;
    HostFn fn = nullptr;
    void* env = nullptr;  // not owned; must outlive every instance that imports the function
    // The function may return again later through Caller::resume_at (setjmp): the engine then keeps everything
    // that is live across the call in memory.
    bool returns_twice = false;
    // How many slots of results `fn` writes. Where the type has more, because the module has chosen it, the engine
    // makes those zero (and references null): never is there something else than fn's own in a result.
    uint32_t writes = kAllResults;
    static constexpr uint32_t kAllResults = ~0U;
};

// A point in a live activation to which execution can be thrown back (setjmp). Plain data: it may be kept in
// guest memory and come back altered; everything in it is checked when it is used.
struct JumpPoint {
    static constexpr uint32_t kMaxOperands = 18;
    uint64_t activation = 0;  // serial of the activation that called the capturing function
    uint32_t site = 0;        // which capturing call of that function
    uint32_t operand_count = 0;
    uint64_t operands[kMaxOperands] = {};  // operand-stack values that lay below the call
};

// The calling activation, as a host function sees it. Valid only during the call.
class Caller {
  public:
    explicit Caller(ExecContext* context) : context_(context) {}

    Memory memory() const;      // memory 0 of the calling instance; null handle if it has none
    Instance instance() const;  // the calling instance
    Thread& thread() const;

    // The three ways not to return normally: `return caller.trap(…);`
    HostOutcome trap(TrapKind kind, std::string detail = {});
    HostOutcome exit(int status);
    // Only from a HostFunc with returns_twice: fills `point` for this very call. False when more operands are
    // live than a JumpPoint holds.
    bool capture(JumpPoint& point);
    // Continues after the capturing call as if it had returned `value`, discarding all activations above. Frees
    // nothing that host functions in between own: they must not hold resources across calls into wasm.
    // A stale, foreign or forged point becomes TrapKind::StaleJump.
    HostOutcome resume_at(const JumpPoint& point, uint32_t value);

    // Calls back into wasm on this thread. Depth is bounded: too deep is a StackExhausted trap. If the result is
    // not Finished, the host function must return `forward(stop)` (or trap/exit of its own).
    Stop call(const Func& func, const Slot* args, Slot* results);
    HostOutcome forward(Stop stop);

    ExecContext* context() const { return context_; }

  private:
    ExecContext* context_;
};

// Called on a thread at a safepoint after Thread::request_interrupt (loop back-edge, function entry, or return of
// a host function). May call back into wasm, and may stop execution like a host function.
using InterruptHook = HostOutcome (*)(Caller& caller, void* env);

}  // namespace wasm
