// SPDX-License-Identifier: Apache-2.0
// Integer compare-and-branch: a @8, b @10, target @12; an immediate b @16.
#include "execute/handlers_int.h"

namespace wasm {

namespace {

template <Op kOp, Loc A, Loc B>
struct IntBranch {
    static constexpr auto kFn = Meaning<kOp>::fn;
    using T = ArgOf<kFn>;
    static constexpr uint32_t kSize = B == Loc::Imm ? 24 : 16;
    static WASM_INLINE bool taken(const Regs& r) {
        return kFn(get<T, A>(r, layout::kD, 0), get<T, B>(r, layout::kA, layout::kExtra)) != 0;
    }
};
struct MakeIntBranch {
    template <Op kOp, Loc, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (exist_as_sources(A, B)) return &Branch<IntBranch<kOp, A, B>>::run;
        else return nullptr;
    }
};

}  // namespace

HandlerBits int_branch_handler(Op compare, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::IntCompare>>, MakeIntBranch, 1, kLocCount, kSourceCount>::find(compare, Loc::Slot, a, b);
}

}  // namespace wasm
