// SPDX-License-Identifier: Apache-2.0
// Integer compare-and-branch.
#include "execute/handlers_int.h"

namespace wasm {

namespace {

template <Op kOp, Loc A, Loc B>
struct IntBranch {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static constexpr uint32_t kSecond = layout::behind(layout::kFirst, A), kTarget = layout::behind(kSecond, B);
    static WASM_INLINE bool taken(Regs& r) { return kFn(get<T, A>(r, layout::kFirst), get<T, B>(r, kSecond)) != 0; }
};

template <Op kOp, Loc A, Loc B>
struct MaskBranch {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static constexpr uint32_t kSecond = layout::behind(layout::kFirst, A), kTarget = layout::behind(kSecond, B);
    static WASM_INLINE bool taken(Regs& r) { return kFn(get<T, A>(r, layout::kFirst) & get<T, B>(r, kSecond), 0) != 0; }
};
struct CompareEqual {
    static constexpr bool wants(const OpInfo& op) {
        return op.family == Family::IntCompare && (op.text.ends_with(".eq") || op.text.ends_with(".ne"));
    }
};
template <template <Op, Loc, Loc> class Body>
struct MakeBranch {
    template <Op kOp, Loc, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (exist_as_sources(A, B))
            return &Branch<Body<kOp, A, B>>::run;
        else
            return nullptr;
    }
};

template <Op kOp, Loc A, Loc B>
struct StepBranch {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static constexpr uint32_t kSecond = layout::behind(layout::kFirst, A), kStep = layout::behind(kSecond, B),
                              kTarget = kStep + 4;
    static WASM_INLINE bool taken(Regs& r) {
        const T a = get<T, A>(r, layout::kFirst) + get<T, Loc::Imm>(r, kStep);
        put<A>(r, layout::kFirst, a);
        return kFn(a, get<T, B>(r, kSecond)) != 0;
    }
};
// A loop with a second counter.
template <Loc X, Loc A, Loc B>
struct TwoStepBranch {
    static constexpr uint32_t kCounter = layout::behind(layout::kFirst, X), kSecond = layout::behind(kCounter, A),
                              kOtherStep = layout::behind(kSecond, B), kStep = kOtherStep + 4, kTarget = kStep + 4;
    static WASM_INLINE bool taken(Regs& r) {
        put<X>(r, layout::kFirst, get<uint32_t, X>(r, layout::kFirst) + get<uint32_t, Loc::Imm>(r, kOtherStep));
        const uint32_t a = get<uint32_t, A>(r, kCounter) + get<uint32_t, Loc::Imm>(r, kStep);
        put<A>(r, kCounter, a);
        return a != get<uint32_t, B>(r, kSecond);
    }
};
struct MakeTwoStepBranch {
    template <size_t kX, size_t kA, size_t kB>
    static constexpr Handler handler() {
        constexpr Loc X = static_cast<Loc>(kX), A = static_cast<Loc>(kA), B = static_cast<Loc>(kB);
        if constexpr (is_local(X) && is_local(A) && (is_local(B) || B == Loc::Imm) && go_together(X, A, B))
            return &Branch<TwoStepBranch<X, A, B>>::run;
        else
            return nullptr;
    }
};
struct MakeStepBranch {
    template <Op kOp, Loc, Loc A, Loc B>
    static constexpr Handler handler() {
        // The counter of a loop is a local, and what it is compared with is not the newest result.
        if constexpr (A != Loc::Acc && B != Loc::Acc && exist_as_sources(A, B))
            return &Branch<StepBranch<kOp, A, B>>::run;
        else
            return nullptr;
    }
};

}  // namespace

HandlerBits step_branch_handler(Op compare, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::IntCompare>>, MakeStepBranch, 1, kLocCount, kSourceCount>::find(
        compare, Loc::Slot, a, b);
}

HandlerBits two_step_branch_handler(Loc other, Loc a, Loc b) {
    return Grid<MakeTwoStepBranch, kLocCount, kLocCount, kSourceCount>::find(
        {index_of(other), index_of(a), index_of(b)});
}

HandlerBits mask_branch_handler(Op compare, Loc a, Loc b) {
    return HandlerTable<Rows<CompareEqual>, MakeBranch<MaskBranch>, 1, kLocCount, kImm16Count>::find(compare, Loc::Slot,
                                                                                                     a, b);
}

HandlerBits int_branch_handler(Op compare, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::IntCompare>>, MakeBranch<IntBranch>, 1, kLocCount, kImm16Count>::find(
        compare, Loc::Slot, a, b);
}

}  // namespace wasm
