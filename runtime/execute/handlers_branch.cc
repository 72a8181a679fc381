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

HandlerBits mask_branch_handler(Op compare, Loc a, Loc b) {
    return HandlerTable<Rows<CompareEqual>, MakeBranch<MaskBranch>, 1, kLocCount, kImm16Count>::find(compare, Loc::Slot,
                                                                                                     a, b);
}

HandlerBits int_branch_handler(Op compare, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::IntCompare>>, MakeBranch<IntBranch>, 1, kLocCount, kImm16Count>::find(
        compare, Loc::Slot, a, b);
}

}  // namespace wasm
