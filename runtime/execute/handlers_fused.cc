// SPDX-License-Identifier: Apache-2.0
// Pairs of operations that programs have so often that they are one instruction each: hashes (shift and combine),
// fields of bits (shift and mask), sums of products, stores into arrays, loops with a stride, parallel moves.
#include "execute/family_table.h"

#include <iterator>

namespace wasm {

namespace {

// The operations that take part, by width; their place in the list is a coordinate.
template <size_t N>
constexpr size_t place(const Op (&list)[N], Op op) {
    for (size_t i = 0; i < N; ++i) {
        if (list[i] == op) return i;
    }
    return N;
}
constexpr Op kShifts32[] = {Op::I32Shl, Op::I32ShrU, Op::I32Rotl}, kShifts64[] = {Op::I64Shl, Op::I64ShrU, Op::I64Rotl};
constexpr Op kCombines32[] = {Op::I32Add, Op::I32Or, Op::I32Xor, Op::I32And},
             kCombines64[] = {Op::I64Add, Op::I64Or, Op::I64Xor, Op::I64And};
constexpr size_t kShiftCount = std::size(kShifts32), kCombineCount = std::size(kCombines32);

// d = (a shift constant) combined with b. Fields: a b constant d.
template <Op kCombine, Op kShift, Loc D, Loc A, Loc B>
struct ShiftCombine {
    using T = ArgOf<Meaning<kShift>::fn>;
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kSecond = layout::behind(layout::kFirst, A), kCount = layout::behind(kSecond, B);
        const T shifted = Meaning<kShift>::fn(get<T, A>(r, layout::kFirst), read_at<uint16_t>(r.pc + kCount));
        put<D>(r, kCount + 2, Meaning<kCombine>::fn(shifted, get<T, B>(r, kSecond)));
        r.pc += layout::behind(kCount + 2, D);
        return nullptr;
    }
};
template <const Op (&kCombines)[kCombineCount], const Op (&kShifts)[kShiftCount]>
struct MakeShiftCombine {
    template <size_t kCombine, size_t kShift, size_t kD, size_t kA, size_t kB>
    static constexpr Handler handler() {
        constexpr Loc D = static_cast<Loc>(kD), A = static_cast<Loc>(kA), B = static_cast<Loc>(kB);
        constexpr bool kIndex = kShift == 0 && kCombine <= 1;        // (i << n) + c, or with or
        constexpr bool kRotatedMask = kShift == 2 && kCombine == 3;  // nobody does that
        if constexpr (exist_as_operands(D, A, B) && (B != Loc::Imm || kIndex) && !kRotatedMask) {
            return &Straight<ShiftCombine<kCombines[kCombine], kShifts[kShift], D, A, B>>::run;
        } else {
            return nullptr;
        }
    }
};

// d = (a shift constant) & mask. Fields: a constant mask d.
template <Op kShift, Loc D, Loc A>
struct ShiftMask {
    using T = ArgOf<Meaning<kShift>::fn>;
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kCount = layout::behind(layout::kFirst, A), kMask = kCount + 2;
        const T shifted = Meaning<kShift>::fn(get<T, A>(r, layout::kFirst), read_at<uint16_t>(r.pc + kCount));
        put<D, T>(r, kMask + 4, shifted & get<T, Loc::Imm>(r, kMask));
        r.pc += layout::behind(kMask + 4, D);
        return nullptr;
    }
};
template <const Op (&kShifts)[kShiftCount]>
struct MakeShiftMask {
    template <size_t kShift, size_t kD, size_t kA>
    static constexpr Handler handler() {
        constexpr Loc D = static_cast<Loc>(kD), A = static_cast<Loc>(kA);
        if constexpr (go_together(D, A, Loc::Acc))
            return &Straight<ShiftMask<kShifts[kShift], D, A>>::run;
        else
            return nullptr;
    }
};

// d = (a * b) combined with c; kFrom: subtracted from c. Each of the two operations rounds. Fields: a b c d.
template <Op kCombine, bool kFrom, Loc D, Loc A, Loc B, Loc C>
struct ProductSum {
    static constexpr auto kFn = Meaning<kCombine>::fn;
    using T = ArgOf<kFn>;
    static constexpr Op kProduct = kCombine == Op::F32Add || kCombine == Op::F32Sub ? Op::F32Mul : Op::F64Mul;
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kSecond = layout::behind(layout::kFirst, A), kThird = layout::behind(kSecond, B),
                           kDest = layout::behind(kThird, C);
        const T product = Meaning<kProduct>::fn(get<T, A>(r, layout::kFirst), get<T, B>(r, kSecond));
        const T other = get<T, C>(r, kThird);
        put<D>(r, kDest, kFrom ? kFn(other, product) : kFn(product, other));
        r.pc += layout::behind(kDest, D);
        return nullptr;
    }
};
constexpr Op kSums[] = {Op::F32Add, Op::F32Sub, Op::F64Add, Op::F64Sub};
struct MakeProductSum {
    template <size_t kSum, size_t kFrom, size_t kD, size_t kA, size_t kB, size_t kC>
    static constexpr Handler handler() {
        constexpr Loc D = static_cast<Loc>(kD), A = static_cast<Loc>(kA), B = static_cast<Loc>(kB),
                      C = static_cast<Loc>(kC);
        constexpr bool kExist = exists(D) && exist_as_sources(A, B) && exists(C);
        constexpr int kPinned = (is_pinned(A) ? 1 : 0) + (is_pinned(B) ? 1 : 0) + (is_pinned(C) ? 1 : 0);
        constexpr bool kSubtracts = kSums[kSum] == Op::F32Sub || kSums[kSum] == Op::F64Sub;
        // Factors can be exchanged; the accumulator holds one of them, or none, but not what came before them. That all
        // three are pinned is rare.
        if constexpr (kExist && A <= B && C != Loc::Acc && kPinned <= 2 && (kFrom == 0 || kSubtracts))
            return &Straight<ProductSum<kSums[kSum], kFrom != 0, D, A, B, C>>::run;
        else
            return nullptr;
    }
};

// Compare and branch after a += b, all of them locals. Fields: a b limit target.
template <Op kCompare, Loc A, Loc B, Loc Limit>
struct StrideBranch {
    static constexpr uint32_t kStep = layout::behind(layout::kFirst, A), kLimit = layout::behind(kStep, B),
                              kTarget = layout::behind(kLimit, Limit);
    static WASM_INLINE bool taken(Regs& r) {
        const uint32_t a = get<uint32_t, A>(r, layout::kFirst) + get<uint32_t, B>(r, kStep);
        put<A>(r, layout::kFirst, a);
        return Meaning<kCompare>::fn(a, get<uint32_t, Limit>(r, kLimit)) != 0;
    }
};
struct CompareI32 {
    static constexpr bool wants(const OpInfo& op) { return op.family == Family::IntCompare && op.params == "ii"; }
};
struct MakeStrideBranch {
    template <size_t kRow, size_t kA, size_t kB, size_t kLimit>
    static constexpr Handler handler() {
        constexpr Loc A = static_cast<Loc>(kA), B = static_cast<Loc>(kB), Limit = static_cast<Loc>(kLimit);
        constexpr bool kWanted = is_local(A) && is_local(B) && (is_local(Limit) || Limit == Loc::Imm);
        if constexpr (kWanted && exists(A) && exists(B) && exists(Limit)) {
            return &Branch<StrideBranch<Rows<CompareI32>::kRows[kRow], A, B, Limit>>::run;
        } else {
            return nullptr;
        }
    }
};

// Two moves between locals, one after the other: the second may read what the first has written.
template <Loc D, Loc A, Loc D2, Loc A2>
struct MoveTwo {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kDest = layout::behind(layout::kFirst, A), kA2 = layout::behind(kDest, D),
                           kDest2 = layout::behind(kA2, A2);
        put<D>(r, kDest, get<uint64_t, A>(r, layout::kFirst));
        put<D2>(r, kDest2, get<uint64_t, A2>(r, kA2));
        r.pc += layout::behind(kDest2, D2);
        return nullptr;
    }
};
struct MakeMoveTwo {
    template <size_t kD, size_t kA, size_t kD2, size_t kA2>
    static constexpr Handler handler() {
        constexpr Loc D = static_cast<Loc>(kD), A = static_cast<Loc>(kA), D2 = static_cast<Loc>(kD2),
                      A2 = static_cast<Loc>(kA2);
        if constexpr (is_local(D) && is_local(A) && is_local(D2) && is_local(A2) && exists(D) && exists(A) &&
                      exists(D2) && exists(A2)) {
            return &Straight<MoveTwo<D, A, D2, A2>>::run;
        } else {
            return nullptr;
        }
    }
};

WASM_INLINE Handler branch_always(Regs& r, uint32_t target) {
    r.pc += read_at<int32_t>(r.pc + target);
    if (interrupted(r)) [[unlikely]]
        return &interrupt_cold;
    return nullptr;
}
template <Loc D, Loc A>
struct MoveBr {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kDest = layout::behind(layout::kFirst, A);
        put<D>(r, kDest, get<uint64_t, A>(r, layout::kFirst));
        return branch_always(r, layout::behind(kDest, D));
    }
};
struct MakeMoveBr {
    template <size_t kD, size_t kA>
    static constexpr Handler handler() {
        constexpr Loc D = static_cast<Loc>(kD), A = static_cast<Loc>(kA);
        if constexpr (is_local(D) && (is_local(A) || A == Loc::Acc) && exists(D) && exists(A))
            return &Straight<MoveBr<D, A>>::run;
        else
            return nullptr;
    }
};
template <Loc A>
struct StepBr {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kStep = layout::behind(layout::kFirst, A);
        put<A, uint32_t>(r, layout::kFirst, get<uint32_t, A>(r, layout::kFirst) + read_at<uint32_t>(r.pc + kStep));
        return branch_always(r, kStep + 4);
    }
};
struct MakeStepBr {
    template <size_t kA>
    static constexpr Handler handler() {
        constexpr Loc A = static_cast<Loc>(kA);
        if constexpr (A != Loc::Acc && exists(A))
            return &Straight<StepBr<A>>::run;
        else
            return nullptr;
    }
};

}  // namespace

HandlerBits shift_combine_handler(Op combine, Op shift, Loc d, Loc a, Loc b) {
    using Narrow =
        Grid<MakeShiftCombine<kCombines32, kShifts32>, kCombineCount, kShiftCount, kLocCount, kLocCount, kSourceCount>;
    using Wide =
        Grid<MakeShiftCombine<kCombines64, kShifts64>, kCombineCount, kShiftCount, kLocCount, kLocCount, kSourceCount>;
    if (info(combine).params == "ii") {
        return Narrow::find(
            {place(kCombines32, combine), place(kShifts32, shift), index_of(d), index_of(a), index_of(b)});
    }
    return Wide::find({place(kCombines64, combine), place(kShifts64, shift), index_of(d), index_of(a), index_of(b)});
}

HandlerBits shift_mask_handler(Op shift, Loc d, Loc a) {
    using Narrow = Grid<MakeShiftMask<kShifts32>, kShiftCount, kLocCount, kLocCount>;
    using Wide = Grid<MakeShiftMask<kShifts64>, kShiftCount, kLocCount, kLocCount>;
    if (info(shift).params == "ii") return Narrow::find({place(kShifts32, shift), index_of(d), index_of(a)});
    return Wide::find({place(kShifts64, shift), index_of(d), index_of(a)});
}

HandlerBits product_sum_handler(Op combine, bool from, Loc d, Loc a, Loc b, Loc c) {
    constexpr size_t kSources = index_of(Loc::R3) + 1;
    using Sums = Grid<MakeProductSum, std::size(kSums), 2, kSources, kSources, kSources, kSources>;
    return Sums::find({place(kSums, combine), from ? 1U : 0U, index_of(d), index_of(a), index_of(b), index_of(c)});
}

HandlerBits stride_branch_handler(Op compare, Loc a, Loc b, Loc limit) {
    if (info(compare).params != "ii") return 0;
    using Strides = Grid<MakeStrideBranch, Rows<CompareI32>::kCount, kLocCount, kLocCount, kSourceCount>;
    return Strides::find({Rows<CompareI32>::index(compare), index_of(a), index_of(b), index_of(limit)});
}

HandlerBits move_two_handler(Loc d, Loc a, Loc d2, Loc a2) {
    return Grid<MakeMoveTwo, kLocCount, kLocCount, kLocCount, kLocCount>::find(
        {index_of(d), index_of(a), index_of(d2), index_of(a2)});
}

HandlerBits move_br_handler(Loc d, Loc a) {
    return Grid<MakeMoveBr, kLocCount, kLocCount>::find({index_of(d), index_of(a)});
}

HandlerBits step_br_handler(Loc a) { return Grid<MakeStepBr, kLocCount>::find({index_of(a)}); }

}  // namespace wasm
