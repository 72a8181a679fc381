// SPDX-License-Identifier: Apache-2.0
// Floating-point arithmetic, comparison and conversion.
#include "execute/handlers_int.h"

namespace wasm {

namespace {

template <Op kOp, Loc D, Loc A, Loc B>
struct FloatBinary {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kSecond = layout::behind_wide(layout::kFirst, A);
        return deliver<D, layout::behind_wide(kSecond, B)>(r, kFn(get<T, A>(r, layout::kFirst), get<T, B>(r, kSecond)));
    }
};

struct MakeFloatBinary {
    template <Op kOp, Loc D, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (may_be_first(kOp, A, B) && exist_as_operands(D, A, B))
            return &Straight<FloatBinary<kOp, D, A, B>>::run;
        else
            return nullptr;
    }
};
// A truth value goes to a slot or the accumulator; a move brings it elsewhere.
struct MakeFloatCompare {
    template <Op kOp, Loc D, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (!is_pinned(D))
            return MakeFloatBinary::handler<kOp, D, A, B>();
        else
            return nullptr;
    }
};

template <Op kOp, bool kNegate, Loc A, Loc B>
struct FloatBranch {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static constexpr uint32_t kSecond = layout::behind_wide(layout::kFirst, A),
                              kTarget = layout::behind_wide(kSecond, B);
    static WASM_INLINE bool taken(Regs& r) {
        return (kFn(get<T, A>(r, layout::kFirst), get<T, B>(r, kSecond)) != 0) != kNegate;
    }
};
// The destination coordinate of the table is the sense of the branch.
struct MakeFloatBranch {
    template <Op kOp, Loc kSense, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (exist_as_sources(A, B))
            return &Branch<FloatBranch<kOp, kSense == Loc::Acc, A, B>>::run;
        else
            return nullptr;
    }
};

}  // namespace

HandlerBits float_unary_handler(Op op, Loc d, Loc a) {
    return HandlerTable<Rows<OfFamily<Family::FloatUnary>>, MakeUnary, kLocCount, kLocCount, 1>::find(op, d, a,
                                                                                                      Loc::Slot);
}

HandlerBits float_binary_handler(Op op, Loc d, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::FloatBinary>>, MakeFloatBinary, kLocCount, kSourceCount,
                        kSourceCount>::find(op, d, a, b);
}

HandlerBits float_compare_handler(Op op, Loc d, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::FloatCompare>>, MakeFloatCompare, kLocCount, kLocCount,
                        kSourceCount>::find(op, d, a, b);
}

HandlerBits float_branch_handler(Op op, bool negate, Loc a, Loc b) {
    const Loc sense = negate ? Loc::Acc : Loc::Slot;
    return HandlerTable<Rows<OfFamily<Family::FloatCompare>>, MakeFloatBranch, 2, kLocCount, kSourceCount>::find(
        op, sense, a, b);
}

HandlerBits convert_handler(Op op, Loc d, Loc a) {
    return HandlerTable<Rows<OfFamily<Family::IntToFloat, Family::FloatToInt>>, MakeUnary, kLocCount, kLocCount,
                        1>::find(op, d, a, Loc::Slot);
}

}  // namespace wasm
