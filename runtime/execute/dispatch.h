// SPDX-License-Identifier: Apache-2.0
// How one handler continues with the next: the only file that knows which of the two backends is built.
//
//   tail  every handler is a function that tail-calls the next; the interpreter's state travels in its
//         parameters, which are machine registers.
//   loop  every handler is a function on a struct; a loop calls one after the other. Portable; also the
//         oracle that the tail backend is tested against.
//
// A handler is written once, as a body: a type with `static Handler exec(Regs& r)` that does the work, leaves r.pc at
// the next instruction and returns nullptr, or returns a cold handler to continue with instead (a trap, a slow
// path), with r.pc still at its own instruction. Bodies are inlined into the wrappers below, after which Regs is
// gone and only registers remain.
#pragma once

#include "instance/exec_context.h"
#include "isa/code_ops.h"
#include "support/dispatch_stats.h"

#include <atomic>
#include <cstdint>
#include <type_traits>

#define WASM_INLINE __attribute__((always_inline)) inline

namespace wasm {

// A floating-point machine register: f32 and f64 in the low lane, v128 whole.
using FloatReg = double __attribute__((vector_size(16)));

// The machine state. `acc` and `facc` hold the newest integer and float result; r[] and f[] the pinned locals.
struct Regs {
    const uint8_t* pc;
    uint8_t* fp;
    uint8_t* mem;
    ExecContext* ctx;
    uint64_t acc;
    uint64_t r[3];
    FloatReg facc;
    FloatReg f[3];
};

#if WASM_DISPATCH_TAIL

#if defined(__clang__) && __has_attribute(preserve_none)
#define WASM_HANDLER_CC __attribute__((preserve_none))
#else
#define WASM_HANDLER_CC
#endif
#define WASM_HANDLER_PARAMS                                                                                 \
    const uint8_t *pc, uint8_t *fp, uint8_t *mem, ExecContext *ctx, uint64_t acc, uint64_t r1, uint64_t r2, \
        uint64_t r3, FloatReg facc, FloatReg f1, FloatReg f2, FloatReg f3
#define WASM_HANDLER_ARGS(r) \
    (r).pc, (r).fp, (r).mem, (r).ctx, (r).acc, (r).r[0], (r).r[1], (r).r[2], (r).facc, (r).f[0], (r).f[1], (r).f[2]
#define WASM_REGS_FROM_PARAMS                                     \
    {                                                             \
        pc, fp, mem, ctx, acc, {r1, r2, r3}, facc, { f1, f2, f3 } \
    }
#define WASM_CONTINUE(handler, r) [[clang::musttail]] return (handler)(WASM_HANDLER_ARGS(r))
using Handler = void WASM_HANDLER_CC (*)(WASM_HANDLER_PARAMS);
#define WASM_HANDLER(name) WASM_HANDLER_CC void name(WASM_HANDLER_PARAMS)
#define WASM_HANDLER_BEGIN [[maybe_unused]] Regs r WASM_REGS_FROM_PARAMS

#else

using Handler = void (*)(Regs&);
#define WASM_CONTINUE(handler, r) return
#define WASM_HANDLER_PARAMS       Regs& r
#define WASM_HANDLER(name)        void name(Regs& r)
#define WASM_HANDLER_BEGIN        static_cast<void>(0)

#endif

WASM_INLINE Handler handler_at(const uint8_t* pc) {
    Handler h;
    __builtin_memcpy(&h, pc, sizeof h);
    if constexpr (kDispatchStats) count_dispatch(reinterpret_cast<HandlerBits>(h));
    return h;
}
inline HandlerBits handler_bits(Handler h) { return reinterpret_cast<HandlerBits>(h); }

// Continue with the instruction at r.pc / with a cold handler / leave the interpreter; and run until one leaves.
#if WASM_DISPATCH_TAIL
#define WASM_NEXT(r)          WASM_CONTINUE(handler_at((r).pc), r)
#define WASM_COLD(handler, r) WASM_CONTINUE(handler, r)
#define WASM_LEAVE(r)         return
WASM_INLINE void run_handlers(Regs& r) { handler_at(r.pc)(WASM_HANDLER_ARGS(r)); }
#else
#define WASM_NEXT(r)          return
#define WASM_COLD(handler, r) return (handler)(r)
#define WASM_LEAVE(r)     \
    do {                  \
        (r).pc = nullptr; \
        return;           \
    } while (0)
WASM_INLINE void run_handlers(Regs& r) {
    while (r.pc != nullptr) handler_at(r.pc)(r);
}
#endif

// Calls the hook, then goes on at r.pc. Defined in run.cc.
WASM_HANDLER(interrupt_cold);

// A fault report reads pc and frame from machine registers where they certainly are; else each instruction notes them.
inline constexpr bool kNotesPc = WASM_NOTE_PC;
WASM_INLINE void note_pc(const Regs& r) {
    if constexpr (kNotesPc) {
        r.ctx->fault_pc = r.pc;
        r.ctx->fault_fp = r.fp;
        std::atomic_signal_fence(std::memory_order_seq_cst);  // before the access that may fault
    }
}

// Whether someone asks for the thread's attention. Without it nothing stops a loop: that is for measuring what it
// costs.
WASM_INLINE bool interrupted([[maybe_unused]] const Regs& r) {
#ifdef WASM_NO_SAFEPOINTS
    return false;
#else
    return r.ctx->interrupt.load(std::memory_order_relaxed) != 0;
#endif
}

// Where handlers lie. In a section of their own, so that the rest of the runtime is not spread between them: a page
// that is touched brings its neighbours. And at the beginning of a line of the instruction cache: one that lies across
// two costs another fetch, which in a loop of few instructions can be a quarter of the time.
#define WASM_PLACED __attribute__((aligned(64), section("wasm_handlers")))

// A table of handlers that the assembler writes: in it, distances from its beginning, 0 where there is none. Compilers
// write only addresses, which would have to be relocated whenever a program starts, and each process would have its own
// copy. Of three statements in a function's body, in this order; `distances` is the table then.
#if defined(__x86_64__) && defined(__clang__) && __clang_major__ >= 19
inline constexpr bool kAssembledTables = true;
#define WASM_TABLE_BEGIN \
    asm volatile(".pushsection .rodata.wasm_handlers, \"a\", @progbits\n.balign 4\n661:\n.popsection")
#define WASM_TABLE_ENTRY(handler) \
    asm volatile(".pushsection .rodata.wasm_handlers\n.long %p0 - 661b\n.popsection" ::"Ws"(handler))
#define WASM_TABLE_NO_ENTRY       asm volatile(".pushsection .rodata.wasm_handlers\n.long 0\n.popsection")
#define WASM_TABLE_END(distances) asm volatile("lea 661b(%%rip), %0" : "=r"(distances))
#else
inline constexpr bool kAssembledTables = false;
#define WASM_TABLE_BEGIN          static_cast<void>(0)
#define WASM_TABLE_ENTRY(handler) static_cast<void>(0)
#define WASM_TABLE_NO_ENTRY       static_cast<void>(0)
#define WASM_TABLE_END(distances) (distances) = nullptr
#endif

// The ordinary instruction.
template <class Body>
struct Straight {
    WASM_PLACED static WASM_HANDLER(run) {
        WASM_HANDLER_BEGIN;
        note_pc(r);
        if (const Handler cold = Body::exec(r)) [[unlikely]]
            WASM_COLD(cold, r);
        WASM_NEXT(r);
    }
};

// A conditional branch: `static bool taken(Regs&)`, and kTarget, where the relative target stands, which ends it. Two
// dispatches, so that the processor predicts the two ways apart. A taken branch is a safepoint.
template <class Body>
struct Branch {
    WASM_PLACED static WASM_HANDLER(run) {
        WASM_HANDLER_BEGIN;
        note_pc(r);
        if (Body::taken(r)) {
            int32_t rel;
            __builtin_memcpy(&rel, r.pc + Body::kTarget, sizeof rel);
            r.pc += rel;
            if (interrupted(r)) [[unlikely]]
                WASM_COLD(interrupt_cold, r);
            WASM_NEXT(r);
        }
        r.pc += Body::kTarget + 4;
        WASM_NEXT(r);
    }
};

// Ends the run with a trap of this kind at r.pc. Instantiated in run.cc.
template <TrapKind kKind>
WASM_HANDLER(trap_cold) {
    WASM_HANDLER_BEGIN;
    record_trap(*r.ctx, kKind, r.pc, r.fp);
    WASM_LEAVE(r);
}

// A fault must find r.pc at its own instruction: no access to memory may be scheduled behind the advance of pc. On
// x86-64 compilers never do that, because the advance comes for free with the jump.
template <class T>
WASM_INLINE void access_done([[maybe_unused]] Regs& r, [[maybe_unused]] T& value) {
#if defined(__aarch64__) && WASM_DISPATCH_TAIL
    if constexpr (std::is_floating_point_v<T>)
        asm volatile("" : "+r"(r.pc), "+w"(value));
    else
        asm volatile("" : "+r"(r.pc), "+r"(value));
#endif
}

}  // namespace wasm
