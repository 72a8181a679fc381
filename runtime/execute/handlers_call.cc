// SPDX-License-Identifier: Apache-2.0
// Entering functions: of this instance, of another, and of the host.
#include "execute/call_support.h"
#include "execute/family_table.h"
#include "execute/unwind.h"
#include "instance/memory_data.h"

#include <cstring>

namespace wasm {

namespace {

// After C++ code has moved execution elsewhere: take over its pc and frame.
WASM_INLINE void follow_context(Regs& r) {
    r.pc = r.ctx->pc;
    r.fp = r.ctx->fp;
    r.mem = r.ctx->instance->memory_base();
    r.acc = r.ctx->jump_value;
}

// A host function said Stop; ctx.pc and ctx.fp are its caller's.
WASM_HANDLER(stopped_cold) {
    WASM_HANDLER_BEGIN;
    if (!settle_stop(*r.ctx)) WASM_LEAVE(r);
    follow_context(r);
    WASM_NEXT(r);
}

WASM_INLINE Handler after_host(Regs& r, const uint8_t* results) {
    r.acc = read_at<uint64_t>(results);
    r.facc = from_low_lane(read_at<double>(results));
    if (interrupted(r)) [[unlikely]]
        return &interrupt_cold;
    return nullptr;
}

struct CallHost {
    static WASM_INLINE Handler exec(Regs& r) {
        auto* f = read_at<FuncData*>(r.pc + layout::kCallee);
        uint8_t* args = slot(r, layout::kFirst);
        ExecContext& ctx = *r.ctx;
        r.pc += layout::kCall;
        ctx.pc = r.pc;
        ctx.fp = r.fp;
        ctx.top = args + f->frame_bytes;
        Caller caller(&ctx);
        if (f->host(caller, reinterpret_cast<Slot*>(args), f->env) != HostOutcome::Continue) [[unlikely]] {
            return &stopped_cold;
        }
        return after_host(r, args);
    }
};

WASM_INLINE Handler enter(Regs& r, FuncData* f, uint8_t* frame, uint8_t* link, const uint8_t* return_pc) {
    write_at(link, return_pc);
    write_at(link + 8, r.fp);
    r.fp = frame;
    r.pc = f->entry.load(std::memory_order_acquire);
    return nullptr;
}

template <unsigned kMask>
struct Call {
    static WASM_INLINE Handler exec(Regs& r) {
        for (unsigned k = 0; k < kPins; ++k) {
            if ((kMask >> k & 1) != 0) write_at(slot(r, layout::pin(kSpilled, kMask, k)), r.r[k]);
            if ((kMask >> (3 + k) & 1) != 0)
                write_at(slot(r, layout::pin(kSpilled, kMask, 3 + k)), low_lane<double>(r.f[k]));
        }
        auto* f = read_at<FuncData*>(r.pc + layout::kCallee);
        return enter(r, f, slot(r, layout::kFirst), slot(r, layout::kLink), r.pc + layout::pins_end(kSpilled, kMask));
    }
    static constexpr uint32_t kSpilled = layout::kCall;
};
// Calls, entries: one for each set of pinned registers.
template <template <unsigned> class Body>
struct ByMask {
    static constexpr size_t kSize = 64;
    template <size_t kMask>
    static constexpr Handler at() {
        return &Straight<Body<kMask>>::run;
    }
};

// The C++ side arranges a boundary frame, or calls the host.
WASM_INLINE Handler slow_call(Regs& r, const SlowCall& call) {
    ExecContext& ctx = *r.ctx;
    ctx.pc = call.return_pc;
    ctx.fp = call.return_fp;
    switch (call_out(ctx, call, r.pc, r.fp)) {
        case CallOut::Entered:
            r.pc = ctx.pc;
            r.fp = ctx.fp;
            r.mem = ctx.instance->memory_base();
            return nullptr;
        case CallOut::Returned:
            r.pc = call.return_pc;
            r.fp = call.return_fp;
            return after_host(r, call.args);
        case CallOut::Stopped: break;
    }
    return &stopped_cold;
}

WASM_HANDLER(call_other_cold) {
    WASM_HANDLER_BEGIN;
    auto* f = read_at<FuncData*>(r.pc + layout::kCallee);
    if (const Handler cold = slow_call(r, {f, f->type, slot(r, layout::kFirst), r.pc + layout::kCall, r.fp, nullptr}))
        WASM_COLD(cold, r);
    WASM_NEXT(r);
}
struct CallOther {
    static WASM_INLINE Handler exec(Regs&) { return &call_other_cold; }
};

// The callee of an indirect call; null with the trap's handler when there is none.
template <Loc A>
WASM_INLINE FuncData* table_entry(Regs& r, Handler& trap) {
    const uint32_t i = get<uint32_t, A>(r, layout::kIndex);
    const auto* table = read_at<TableData*>(r.pc + layout::kTable);
    if (i >= table->size.load(std::memory_order_acquire)) [[unlikely]] {
        trap = &trap_cold<TrapKind::UndefinedElement>;
        return nullptr;
    }
    auto* f = reinterpret_cast<FuncData*>(table->elements.load(std::memory_order_acquire)[i]);
    if (f == nullptr) [[unlikely]]
        trap = &trap_cold<TrapKind::UninitializedElement>;
    return f;
}

template <Loc A>
WASM_HANDLER(call_indirect_cold) {
    WASM_HANDLER_BEGIN;
    Handler trap = nullptr;
    FuncData* f = table_entry<A>(r, trap);
    const auto expected = static_cast<TypeId>(read_at<uint32_t>(r.pc + layout::kType));
    if (trap != nullptr) WASM_COLD(trap, r);
    if (const Handler cold = slow_call(
            r, {f, expected, slot(r, layout::kFirst), r.pc + layout::behind(layout::kIndex, A), r.fp, nullptr}))
        WASM_COLD(cold, r);
    WASM_NEXT(r);
}
template <Loc A>
struct CallIndirect {
    static WASM_INLINE Handler exec(Regs& r) {
        Handler trap = nullptr;
        FuncData* f = table_entry<A>(r, trap);
        if (f == nullptr) [[unlikely]]
            return trap;
        if (static_cast<uint32_t>(f->type) != read_at<uint32_t>(r.pc + layout::kType) || f->instance != r.ctx->instance)
            [[unlikely]] {
            return &call_indirect_cold<A>;
        }
        return enter(r, f, slot(r, layout::kFirst), slot(r, layout::kLink), r.pc + layout::behind(layout::kIndex, A));
    }
};

// Moves `n` argument slots to the bottom of the frame; the frame's own link goes behind them.
WASM_INLINE void replace_frame(Regs& r, FuncData* f, const uint8_t* first, const uint8_t* own_link) {
    const auto return_pc = read_at<uint64_t>(own_link);
    const auto return_fp = read_at<uint64_t>(own_link + 8);
    const uint32_t n = f->param_slots;
    for (uint32_t i = 0; i < n; ++i) write_at(r.fp + i * 8, read_at<uint64_t>(first + i * 8));
    write_at(r.fp + n * 8, return_pc);
    write_at(r.fp + n * 8 + 8, return_fp);
    r.pc = f->entry.load(std::memory_order_acquire);
}
struct TailCall {
    static WASM_INLINE Handler exec(Regs& r) {
        replace_frame(r, read_at<FuncData*>(r.pc + layout::kCallee), slot(r, layout::kFirst), slot(r, layout::kLink));
        // A loop of tail calls has no other safepoint than function entry.
        return nullptr;
    }
};
WASM_HANDLER(tail_call_indirect_cold) {
    WASM_HANDLER_BEGIN;
    Handler trap = nullptr;
    FuncData* f = table_entry<Loc::Slot>(r, trap);
    if (trap != nullptr) WASM_COLD(trap, r);
    const auto expected = static_cast<TypeId>(read_at<uint32_t>(r.pc + layout::kType));
    const uint8_t* link = slot(r, layout::kLink);
    const auto* return_pc = read_at<const uint8_t*>(link);
    auto* return_fp = read_at<uint8_t*>(link + 8);
    // Results of several values are expected at the bottom of this frame.
    const SlowCall call{f, expected, r.fp, return_pc, return_fp, slot(r, layout::kFirst)};
    if (const Handler cold = slow_call(r, call)) WASM_COLD(cold, r);
    WASM_NEXT(r);
}
struct TailCallIndirect {
    static WASM_INLINE Handler exec(Regs& r) {
        Handler trap = nullptr;
        FuncData* f = table_entry<Loc::Slot>(r, trap);
        if (f == nullptr) [[unlikely]]
            return trap;
        if (static_cast<uint32_t>(f->type) != read_at<uint32_t>(r.pc + layout::kType) || f->instance != r.ctx->instance)
            [[unlikely]] {
            return &tail_call_indirect_cold;
        }
        replace_frame(r, f, slot(r, layout::kFirst), slot(r, layout::kLink));
        return nullptr;
    }
};

// Function entry. A pending interrupt shows as an exhausted stack limit.
WASM_HANDLER(stack_cold) {
    WASM_HANDLER_BEGIN;
    const uint64_t frame = uint64_t{read_at<uint32_t>(r.pc + layout::kFrame)} * 8;
    if (r.fp + frame > r.ctx->stack_end) WASM_COLD(&trap_cold<TrapKind::StackExhausted>, r);
    // Only an interrupt: the hook runs, then this instruction again. Arguments are below top.
    WASM_COLD(interrupt_cold, r);
}
WASM_INLINE bool prepare_frame(Regs& r) {
    const uint8_t* end = r.fp + uint64_t{read_at<uint32_t>(r.pc + layout::kFrame)} * 8;
    if (end > r.ctx->stack_limit.load(std::memory_order_relaxed)) [[unlikely]]
        return false;
    // Two slots at a time: the last may be an operand's home, which nothing lives in yet.
    uint8_t* zero = slot(r, layout::kFirst);
    for (const uint8_t* stop = zero + uint64_t{read_at<uint16_t>(r.pc + layout::kSecond)} * 8; zero < stop;
         zero += 16) {
        write_at(zero, FloatReg{});
        asm volatile("");  // keeps this a loop: a call of memset would make every entry save registers
    }
    return true;
}
template <unsigned kMask>
struct Enter {
    static WASM_INLINE Handler exec(Regs& r) {
        if (!prepare_frame(r)) [[unlikely]]
            return &stack_cold;
        for (unsigned k = 0; k < kPins; ++k) {
            if ((kMask >> k & 1) != 0) r.r[k] = read_at<uint64_t>(slot(r, layout::pin(layout::kEntered, kMask, k)));
            if ((kMask >> (3 + k) & 1) != 0)
                r.f[k] = from_low_lane(read_at<double>(slot(r, layout::pin(layout::kEntered, kMask, 3 + k))));
        }
        r.pc += layout::pins_end(layout::kEntered, kMask);
        return nullptr;
    }
};
// What most functions of unoptimised code begin with.
struct EnterStep {
    static WASM_INLINE Handler exec(Regs& r) {
        if (!prepare_frame(r)) [[unlikely]]
            return &stack_cold;
        constexpr uint32_t kSummand = layout::kEntered + 2, kCell = kSummand + 4;
        auto* cell = reinterpret_cast<uint8_t*>(r.ctx->globals + read_at<uint32_t>(r.pc + kCell));
        const uint32_t value = read_at<uint32_t>(cell) + read_at<uint32_t>(r.pc + kSummand);
        write_at<uint64_t>(cell, value);
        put<Loc::Slot>(r, layout::kEntered, value);
        put<Loc::R1>(r, 0, value);
        r.pc += kCell + 4;
        return nullptr;
    }
};

WASM_HANDLER(translate_cold) {
    WASM_HANDLER_BEGIN;
    auto* f = read_at<FuncData*>(r.pc + layout::kFirst);
    if (!translate_now(*r.ctx, f, r.pc, r.fp)) WASM_LEAVE(r);
    r.pc = f->entry.load(std::memory_order_acquire);
    WASM_NEXT(r);
}
struct Translate {
    static WASM_INLINE Handler exec(Regs&) { return &translate_cold; }
};

// fp is the boundary frame: the callee's saved fp.
WASM_HANDLER(leave_boundary_cold) {
    WASM_HANDLER_BEGIN;
    r.ctx->acc.bits = r.acc;
    leave_boundary(*r.ctx, r.fp);
    r.acc = r.ctx->acc.bits;
    r.pc = r.ctx->pc;
    r.fp = r.ctx->fp;
    r.mem = r.ctx->instance->memory_base();
    WASM_NEXT(r);
}
struct LeaveBoundary {
    static WASM_INLINE Handler exec(Regs&) { return &leave_boundary_cold; }
};

WASM_HANDLER(halt) {
    WASM_HANDLER_BEGIN;
    r.ctx->acc.bits = r.acc;
    r.ctx->facc.set(low_lane<double>(r.facc));
    r.ctx->outcome = Outcome::Finished;
    WASM_LEAVE(r);
}

struct CallIndirects {
    static constexpr size_t kSize = kLocCount;
    template <size_t kA>
    static constexpr Handler at() {
        constexpr Loc A = static_cast<Loc>(kA);
        if constexpr (exists(A) && is_local(A))
            return &Straight<CallIndirect<A>>::run;
        else
            return nullptr;
    }
};

}  // namespace

WASM_HANDLER(interrupt_cold) {
    WASM_HANDLER_BEGIN;
    r.ctx->pc = r.pc;
    r.ctx->fp = r.fp;
    // The hook may jump elsewhere; otherwise nothing that the interrupted code sees has changed.
    switch (run_interrupt(*r.ctx)) {
        case InterruptEnd::Same: break;
        case InterruptEnd::Moved: follow_context(r); break;
        case InterruptEnd::Stop: WASM_LEAVE(r);
    }
    WASM_NEXT(r);
}

HandlerBits enter_handler(unsigned mask) { return Handlers<ByMask<Enter>>::find(mask); }

HandlerBits enter_step_handler() { return handler_bits(&Straight<EnterStep>::run); }

HandlerBits call_handler(unsigned mask) { return Handlers<ByMask<Call>>::find(mask); }

HandlerBits call_indirect_handler(Loc index) {
    return index == Loc::Imm ? HandlerBits{0} : Handlers<CallIndirects>::find(index_of(index));
}

HandlerBits br_handler();
HandlerBits return_none_handler();
HandlerBits return_none_step_handler();
HandlerBits return_multi_handler();
HandlerBits copy_slots_handler();
HandlerBits in_place_code_op(CodeOp op);

HandlerBits code_op_handler(CodeOp op) {
    switch (op) {
        case CodeOp::Br: return br_handler();
        case CodeOp::CopySlots: return copy_slots_handler();
        case CodeOp::CallHost: return handler_bits(&Straight<CallHost>::run);
        case CodeOp::CallOther: return handler_bits(&Straight<CallOther>::run);
        case CodeOp::ReturnNone: return return_none_handler();
        case CodeOp::ReturnNoneStep: return return_none_step_handler();
        case CodeOp::ReturnMulti: return return_multi_handler();
        case CodeOp::TailCall: return handler_bits(&Straight<TailCall>::run);
        case CodeOp::TailCallIndirect: return handler_bits(&Straight<TailCallIndirect>::run);
        case CodeOp::Halt: return handler_bits(&halt);
        case CodeOp::LeaveBoundary: return handler_bits(&Straight<LeaveBoundary>::run);
        case CodeOp::Translate: return handler_bits(&Straight<Translate>::run);
        case CodeOp::Unreachable: return handler_bits(&trap_cold<TrapKind::Unreachable>);
        case CodeOp::RefIsNull:
        case CodeOp::RefFunc:
        case CodeOp::MemorySize:
        case CodeOp::TableGet:
        case CodeOp::TableSet:
        case CodeOp::ExceptionTableGet:
        case CodeOp::ExceptionTableSet:
        case CodeOp::ExceptionGlobalGet:
        case CodeOp::ExceptionGlobalSet:
        case CodeOp::Throw:
        case CodeOp::ThrowRef: return in_place_code_op(op);
    }
    return 0;
}

}  // namespace wasm
