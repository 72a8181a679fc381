// SPDX-License-Identifier: Apache-2.0
// What the interpreter knows of the thread it runs on: the hot words that handlers read, and the record of how the
// run ended. One per wasm::Thread.
#pragma once

#include <wasm/host.h>
#include <wasm/store.h>
#include <wasm/trap.h>

#include <atomic>
#include <csetjmp>
#include <cstdint>
#include <string>
#include <vector>

namespace wasm {

struct FuncData;
struct InstanceData;
struct ThreadData;
struct ExceptionData;

// How a run of the interpreter ended.
enum class Outcome : uint8_t {
    Finished,
    Trapped,    // `trap` says why
    Exited,     // `exit_status`
    Jump,       // to `jump`, in an enclosing entry
    Exception,  // `exception` goes on in an enclosing entry
};

// One entry host → wasm; they nest.
struct Entry {
    sigjmp_buf on_fault;  // back to run() from a hardware fault in wasm code
    Entry* outer = nullptr;
    uint8_t* base = nullptr;  // everything at or above on the engine's stack belongs to this entry
    // Where the code that called the host stood, for the time after this entry.
    const uint8_t* pc = nullptr;
    uint8_t* fp = nullptr;
    uint8_t* top = nullptr;
    InstanceData* instance = nullptr;
    Slot* globals = nullptr;
};

struct ExecContext {
    // Hot: read by handlers.
    std::atomic<uint32_t> interrupt{0};          // look up at the next safepoint
    std::atomic<uint8_t*> stack_limit{nullptr};  // frames must end below; null while an interrupt is pending
    Slot* globals = nullptr;                     // of the current instance, on this thread
    InstanceData* instance = nullptr;            // the current one
    const uint8_t* fault_pc = nullptr;           // instruction that is inside a library call, for fault reports
    uint8_t* fault_fp = nullptr;

    // Where execution stands whenever C++ code outside the handlers runs; pc is where it will continue.
    const uint8_t* pc = nullptr;
    uint8_t* fp = nullptr;
    uint8_t* top = nullptr;  // first byte above everything live

    // What the fault handler saw, until finish_fault().
    struct Fault {
        int signal = 0;
        uint64_t address = 0;  // in linear memory, or ~0
        const uint8_t* pc = nullptr;
        uint8_t* fp = nullptr;
    } fault;

    Slot acc;  // result of a run, integer and float class
    Slot facc;

    // Outcome of the current run when it is not Finished.
    Outcome outcome = Outcome::Finished;
    Trap trap;
    int exit_status = 0;
    const uint8_t* jump_pc = nullptr;
    uint8_t* jump_fp = nullptr;
    InstanceData* jump_instance = nullptr;
    uint32_t jump_value = 0;
    ExceptionData* exception = nullptr;

    // The word this thread sleeps on in memory.atomic.wait; 0 while it does not.
    static constexpr uint32_t kAsleep = 1, kWoken = 2;
    std::atomic<uint32_t> wait_word{0};

    Entry* entry = nullptr;
    uint32_t depth = 0;  // of nested entries
    // Instructions that are suspended at an access to memory, while the handler of that fault runs: what they hold in
    // machine registers is nowhere else.
    uint32_t suspended = 0;
    uint8_t* stack_base = nullptr;
    uint8_t* stack_end = nullptr;      // real limit
    std::vector<ExceptionData*> held;  // exceptions that its frames may refer to; owned once for each mention
    size_t held_limit = 1024;          // look which of them they do when there are that many

    ThreadData* thread = nullptr;
    Thread* handle = nullptr;
    Store* store = nullptr;
    Slot* home_globals = nullptr;  // this thread's copies for home_instance
    InstanceData* home_instance = nullptr;

    Slot* globals_of(InstanceData* which) const;
};

// The context that runs wasm on this host thread, for the fault handler; null when none does.
ExecContext* current_context();
void set_current_context(ExecContext* context);

// Bytes that memory 0 of the current instance has now.
uint64_t memory0_size(const ExecContext& ctx);

// Notes a trap at pc/fp (inside the instruction that traps) with its backtrace.
void record_trap(ExecContext& ctx, TrapKind kind, const uint8_t* pc, uint8_t* fp, std::string detail = {});

}  // namespace wasm
