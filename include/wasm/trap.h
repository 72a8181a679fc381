// SPDX-License-Identifier: Apache-2.0
// Why execution stopped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wasm {

// Trap kinds and the message that the specification's own test-suite expects for each (its prefix).
#define WASM_TRAPS(TRAP)                                                                 \
    TRAP(Unreachable, "unreachable")                                                     \
    TRAP(IntegerDivideByZero, "integer divide by zero")                                  \
    TRAP(IntegerOverflow, "integer overflow")                                            \
    TRAP(InvalidConversion, "invalid conversion to integer")                             \
    TRAP(OutOfBoundsMemory, "out of bounds memory access")                               \
    TRAP(OutOfBoundsTable, "out of bounds table access")                                 \
    TRAP(UndefinedElement, "undefined element")                                          \
    TRAP(UninitializedElement, "uninitialized element")                                  \
    TRAP(IndirectCallMismatch, "indirect call type mismatch")                            \
    TRAP(StackExhausted, "call stack exhausted")                                         \
    TRAP(UnalignedAtomic, "unaligned atomic")                                            \
    TRAP(ExpectedSharedMemory, "expected shared memory")                                 \
    TRAP(UncaughtException, "uncaught exception")                                        \
    TRAP(NullReference, "null reference")                                                \
    TRAP(NullException, "null exception reference")                                      \
    TRAP(MemoryFault, "memory access fault") /* SIGBUS, or a page the guest protected */ \
    TRAP(StaleJump, "longjmp to a function that has returned")                           \
    TRAP(MissingImport, "call of a missing import")                                      \
    TRAP(InvalidBody, "invalid function body") /* found only when first called */        \
    TRAP(HostLimit, "host limit reached")                                                \
    TRAP(Interrupted, "interrupted")

enum class TrapKind : uint8_t {
#define TRAP(id, text) id,
    WASM_TRAPS(TRAP)
#undef TRAP
};
std::string_view to_string(TrapKind kind);

// One activation of a backtrace, innermost first.
struct FrameInfo {
    uint32_t func_index = 0;     // in the function index space of its module
    uint64_t module_offset = 0;  // byte offset of the instruction in the module; 0 when unknown
    std::string func_name;       // name section or export; empty when unnamed
    std::string module_name;     // as given to Module::load
    bool is_host = false;        // a host function, e.g. a syscall: only func_name is meaningful
};

struct Trap {
    TrapKind kind = TrapKind::Unreachable;
    std::string detail;  // more than the kind says, e.g. both types of a mismatched call; may be empty
    std::vector<FrameInfo> backtrace;
    // Address in linear memory for OutOfBoundsMemory and MemoryFault found by the hardware; else ~0.
    uint64_t fault_address = ~uint64_t{0};
    std::string message() const;  // "out of bounds memory access: detail"
};

// The outcome of running wasm code. Exit is a normal outcome, not an error.
struct Stop {
    // Unwinding is seen only by host functions that called back into wasm: an exception or a longjmp goes on further
    // out, and the host function must return caller.forward(stop).
    enum class Kind : uint8_t { Finished, Trapped, Exited, Unwinding };
    Kind kind = Kind::Finished;
    int exit_status = 0;  // when Exited; passed through unchanged from Caller::exit
    Trap trap;            // when Trapped

    bool finished() const { return kind == Kind::Finished; }
    bool trapped() const { return kind == Kind::Trapped; }
    bool exited() const { return kind == Kind::Exited; }
};

}  // namespace wasm
