// SPDX-License-Identifier: Apache-2.0
// Integer operations: one body for all binary ones, one for all unary ones. Their tables are built in several files
// (handlers_i32.cc, handlers_i64.cc, handlers_compare.cc) only to compile them side by side.
#pragma once

#include "execute/family_table.h"

namespace wasm {

// Puts `value` at d, whose field is the last, at byte kAt; or continues at the trap.
template <Loc D, uint32_t kAt, class T>
WASM_INLINE Handler deliver(Regs& r, T value) {
    put<D>(r, kAt, value);
    r.pc += layout::behind(kAt, D);
    return nullptr;
}
template <Loc D, uint32_t kAt, class T>
WASM_INLINE Handler deliver(Regs& r, numeric::Checked<T> result) {
    if (result.trapped) [[unlikely]] {
        switch (result.trap) {
            case TrapKind::IntegerOverflow: return &trap_cold<TrapKind::IntegerOverflow>;
            case TrapKind::InvalidConversion: return &trap_cold<TrapKind::InvalidConversion>;
            default: return &trap_cold<TrapKind::IntegerDivideByZero>;
        }
    }
    return deliver<D, kAt>(r, result.value);
}

template <Op kOp, Loc D, Loc A, Loc B>
struct IntBinary {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kSecond = layout::behind(layout::kFirst, A);
        return deliver<D, layout::behind(kSecond, B)>(r, kFn(get<T, A>(r, layout::kFirst), get<T, B>(r, kSecond)));
    }
};
template <Op kOp, Loc D, Loc A>
struct Unary {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static WASM_INLINE Handler exec(Regs& r) {
        return deliver<D, layout::behind(layout::kFirst, A)>(r, kFn(get<T, A>(r, layout::kFirst)));
    }
};

// The truth value of a comparison is rarely wanted in a pinned register: a move does then.
constexpr bool wanted(Op op, Loc d) { return info(op).family != Family::IntCompare || !is_pinned(d); }

constexpr bool may_be_first(Op op, Loc a, Loc b) { return !is_imm(a) || (!is_imm(b) && takes_const_first(op)); }

struct MakeIntBinary {
    template <Op kOp, Loc D, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (may_be_first(kOp, A, B) && exist_as_operands(D, A, B) && wanted(kOp, D)) {
            return &Straight<IntBinary<kOp, D, A, B>>::run;
        } else {
            return nullptr;
        }
    }
};
struct MakeUnary {
    template <Op kOp, Loc D, Loc A, Loc>
    static constexpr Handler handler() {
        if constexpr (go_together(D, A, Loc::Acc))
            return &Straight<Unary<kOp, D, A>>::run;
        else
            return nullptr;
    }
};

HandlerBits i32_binary_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits i64_binary_handler(Op op, Loc d, Loc a, Loc b);
HandlerBits int_compare_handler(Op op, Loc d, Loc a, Loc b);

}  // namespace wasm
