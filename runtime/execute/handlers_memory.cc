// SPDX-License-Identifier: Apache-2.0
// Loads and stores. They carry no bounds check: base + u32 address + u32 offset cannot leave the memory's reservation,
// and what is not accessible there faults (support/fault_guard). Memories without such a reservation get a
// BoundsCheck instruction before each access.
#include "execute/family_table.h"

namespace wasm {

namespace {

using s8 = int8_t;
using u8 = uint8_t;
using s16 = int16_t;
using u16 = uint16_t;
using s32 = int32_t;
using u32 = uint32_t;
using s64 = int64_t;
using u64 = uint64_t;
using f32 = float;
using f64 = double;

// Type in memory, from the `meaning` column; type of the value, from the signature.
template <Op>
struct InMemory;
#define WASM_ACCESS_Load(id, meaning) \
    template <>                       \
    struct InMemory<Op::id> {         \
        using Type = meaning;         \
    };
#define WASM_ACCESS_Store(id, meaning) WASM_ACCESS_Load(id, meaning)
#define WASM_ACCESS_Special(id, meaning)
#define WASM_ACCESS_InPlace(id, meaning)
#define WASM_ACCESS_IntUnary(id, meaning)
#define WASM_ACCESS_IntBinary(id, meaning)
#define WASM_ACCESS_IntCompare(id, meaning)
#define WASM_ACCESS_IntEqz(id, meaning)
#define WASM_ACCESS_FloatUnary(id, meaning)
#define WASM_ACCESS_FloatBinary(id, meaning)
#define WASM_ACCESS_FloatCompare(id, meaning)
#define WASM_ACCESS_IntToFloat(id, meaning)
#define WASM_ACCESS_FloatToInt(id, meaning)
#define OP(id, text, prefix, code, imm, sig, feature, family, meaning, align) WASM_ACCESS_##family(id, meaning)
#include "isa/wasm_ops.def"
#undef OP

template <char>
struct OfLetter;
template <>
struct OfLetter<'i'> {
    using Type = u32;
};
template <>
struct OfLetter<'l'> {
    using Type = u64;
};
template <>
struct OfLetter<'f'> {
    using Type = f32;
};
template <>
struct OfLetter<'d'> {
    using Type = f64;
};

template <Op kOp>
using LoadedType = typename OfLetter<info(kOp).results.empty() ? 'i' : info(kOp).results[0]>::Type;
template <Op kOp>
using StoredType = typename OfLetter<info(kOp).params.back()>::Type;

template <Op kOp>
WASM_INLINE LoadedType<kOp> load_from(Regs& r, u64 address) {
    using Narrow = typename InMemory<kOp>::Type;
    using Wide = LoadedType<kOp>;
    Narrow n = read_at<Narrow>(r.mem + address);
    access_done(r, n);
    if constexpr (kIsFloat<Narrow>)
        return n;
    else if constexpr (std::is_signed_v<Narrow>)
        return static_cast<Wide>(static_cast<std::make_signed_t<Wide>>(n));
    else
        return static_cast<Wide>(n);
}

// The address a, whose field is at byte `at`, plus the offset, at byte `offset`. A constant address includes it.
template <Loc A>
WASM_INLINE u64 effective_address(Regs& r, u32 at, [[maybe_unused]] u32 offset) {
    if constexpr (A == Loc::Imm)
        return read_at<u64>(r.pc + at);
    else
        return u64{get<u32, A>(r, at)} + read_at<u32>(r.pc + offset);
}
constexpr u32 offset_width(Loc a) { return a == Loc::Imm ? 0 : 4; }

template <Op kOp, Loc D, Loc A>
struct LoadBody {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr u32 kOffset = layout::behind_wide(layout::kFirst, A), kDest = kOffset + offset_width(A);
        put<D>(r, kDest, load_from<kOp>(r, effective_address<A>(r, layout::kFirst, kOffset)));
        r.pc += layout::behind(kDest, D);
        return nullptr;
    }
};
struct MakeLoad {
    template <Op kOp, Loc D, Loc A, Loc>
    static constexpr Handler handler() {
        if constexpr (go_together(D, A, Loc::Acc))
            return &Straight<LoadBody<kOp, D, A>>::run;
        else
            return nullptr;
    }
};

template <Op kOp, Loc D, Loc A, Loc B>
struct LoadIndexedBody {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr u32 kSecond = layout::behind(layout::kFirst, A), kOffset = layout::behind(kSecond, B);
        const u32 index = get<u32, A>(r, layout::kFirst) + get<u32, B>(r, kSecond);
        put<D>(r, kOffset + 4, load_from<kOp>(r, u64{index} + read_at<u32>(r.pc + kOffset)));
        r.pc += layout::behind(kOffset + 4, D);
        return nullptr;
    }
};
struct MakeLoadIndexed {
    template <Op kOp, Loc D, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (exist_as_operands(D, A, B))
            return &Straight<LoadIndexedBody<kOp, D, A, B>>::run;
        else
            return nullptr;
    }
};
// address = a + (b << shift): an array element.
template <Op kOp, Loc D, Loc A, Loc B>
struct LoadScaledBody {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr u32 kSecond = layout::behind(layout::kFirst, A), kShift = layout::behind(kSecond, B),
                      kOffset = kShift + 2;
        const u32 scaled = get<u32, B>(r, kSecond) << (read_at<u8>(r.pc + kShift) & 31);
        const u32 index = get<u32, A>(r, layout::kFirst) + scaled;
        put<D>(r, kOffset + 4, load_from<kOp>(r, u64{index} + read_at<u32>(r.pc + kOffset)));
        r.pc += layout::behind(kOffset + 4, D);
        return nullptr;
    }
};
struct MakeLoadScaled {
    template <Op kOp, Loc D, Loc A, Loc B>
    static constexpr Handler handler() {
        if constexpr (exist_as_operands(D, A, B))
            return &Straight<LoadScaledBody<kOp, D, A, B>>::run;
        else
            return nullptr;
    }
};

// Elements of four and eight bytes: what arrays are indexed by shifting for.
struct FullLoads {
    static constexpr bool wants(const OpInfo& op) { return op.family == Family::Load && op.align >= 2; }
};

template <Op kOp, Loc A, Loc V>
struct StoreBody {
    static WASM_INLINE Handler exec(Regs& r) {
        using Narrow = typename InMemory<kOp>::Type;
        constexpr u32 kValue = layout::behind_wide(layout::kFirst, A), kOffset = layout::behind(kValue, V);
        u8* at = r.mem + effective_address<A>(r, layout::kFirst, kOffset);
        auto value = static_cast<Narrow>(get<StoredType<kOp>, V>(r, kValue));
        write_at<Narrow>(at, value);
        access_done(r, value);
        r.pc += kOffset + offset_width(A);
        return nullptr;
    }
};
struct MakeStore {
    template <Op kOp, Loc, Loc A, Loc V>
    static constexpr Handler handler() {
        // Float values have no immediate form; an address and a value cannot both be immediate. The address is of the
        // integer class, so a float value may share the accumulator's name.
        constexpr bool kFloat = kIsFloat<StoredType<kOp>>;
        constexpr bool kImms = is_imm(V) && (kFloat || A == Loc::Imm);
        constexpr bool kAccs = A == Loc::Acc && V == Loc::Acc && !kFloat;
        // A variable may be copied to where R1 points: to another variable.
        constexpr bool kTogether = go_together(V, A, Loc::Acc) || (A == Loc::R1 && exists(A) && V == Loc::Mem);
        if constexpr (kTogether && !kImms && !kAccs)
            return &Straight<StoreBody<kOp, A, V>>::run;
        else
            return nullptr;
    }
};

// Into an array: address = a + b, or a + (b << shift).
template <Op kOp, bool kScaled, Loc A, Loc B, Loc V>
struct StoreIndexedBody {
    static WASM_INLINE Handler exec(Regs& r) {
        using Narrow = typename InMemory<kOp>::Type;
        constexpr u32 kSecond = layout::behind(layout::kFirst, A), kValue = layout::behind(kSecond, B),
                      kShift = layout::behind(kValue, V), kOffset = kShift + (kScaled ? 2 : 0);
        u32 b = get<u32, B>(r, kSecond);
        if constexpr (kScaled) b <<= read_at<u8>(r.pc + kShift) & 31;
        u8* at = r.mem + (u64{get<u32, A>(r, layout::kFirst) + b} + read_at<u32>(r.pc + kOffset));
        auto value = static_cast<Narrow>(get<StoredType<kOp>, V>(r, kValue));
        write_at<Narrow>(at, value);
        access_done(r, value);
        r.pc += kOffset + 4;
        return nullptr;
    }
};
// The value was there before the address, which is the newest result.
template <bool kScaled>
struct MakeStoreIndexed {
    template <Op kOp, Loc A, Loc B, Loc V>
    static constexpr Handler handler() {
        constexpr bool kValue = V != Loc::Acc && exists(V) && !(V == Loc::Imm && kIsFloat<StoredType<kOp>>);
        if constexpr (kValue && exist_as_operands(V, A, B))
            return &Straight<StoreIndexedBody<kOp, kScaled, A, B, V>>::run;
        else
            return nullptr;
    }
};
struct WideStores {
    static constexpr bool wants(const OpInfo& op) { return op.family == Family::Store && op.align >= 1; }
};

// Fields: a (8 bytes if it is constant), offset + bytes as 64 bits.
template <Loc A>
struct BoundsCheck {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr u32 kEnd = layout::behind_wide(layout::kFirst, A);
        const u64 address = A == Loc::Imm ? read_at<u64>(r.pc + layout::kFirst) : u64{get<u32, A>(r, layout::kFirst)};
        if (address + read_at<u64>(r.pc + kEnd) > memory0_size(*r.ctx)) [[unlikely]] {
            return &trap_cold<TrapKind::OutOfBoundsMemory>;
        }
        r.pc += kEnd + 8;
        return nullptr;
    }
};

}  // namespace

HandlerBits load_handler(Op op, Loc d, Loc a) {
    return HandlerTable<Rows<OfFamily<Family::Load>>, MakeLoad, kLocCount, kSourceCount, 1>::find(op, d, a, Loc::Slot);
}
HandlerBits load_indexed_handler(Op op, Loc d, Loc a, Loc b) {
    return HandlerTable<Rows<OfFamily<Family::Load>>, MakeLoadIndexed, kLocCount, kLocCount, kSourceCount>::find(op, d,
                                                                                                                 a, b);
}
HandlerBits load_scaled_handler(Op op, Loc d, Loc a, Loc b) {
    return HandlerTable<Rows<FullLoads>, MakeLoadScaled, kLocCount, kLocCount, kLocCount>::find(op, d, a, b);
}
HandlerBits store_handler(Op op, Loc a, Loc value) {
    return HandlerTable<Rows<OfFamily<Family::Store>>, MakeStore, 1, kSourceCount, kImm16Count>::find(op, Loc::Slot, a,
                                                                                                      value);
}

HandlerBits store_indexed_handler(Op op, Loc a, Loc b, Loc value) {
    return HandlerTable<Rows<OfFamily<Family::Store>>, MakeStoreIndexed<false>, kLocCount, kLocCount,
                        kSourceCount>::find(op, a, b, value);
}
HandlerBits store_scaled_handler(Op op, Loc a, Loc b, Loc value) {
    if (!WideStores::wants(info(op))) return 0;
    return HandlerTable<Rows<WideStores>, MakeStoreIndexed<true>, kLocCount, kLocCount, kSourceCount>::find(op, a, b,
                                                                                                            value);
}

HandlerBits bounds_check_handler(Loc a) {
    switch (a) {
        case Loc::Slot: return handler_bits(&Straight<BoundsCheck<Loc::Slot>>::run);
        case Loc::Acc: return handler_bits(&Straight<BoundsCheck<Loc::Acc>>::run);
        case Loc::R1: return handler_bits(&Straight<BoundsCheck<Loc::R1>>::run);
        case Loc::R2: return handler_bits(&Straight<BoundsCheck<Loc::R2>>::run);
        case Loc::R3: return handler_bits(&Straight<BoundsCheck<Loc::R3>>::run);
        case Loc::Imm: return handler_bits(&Straight<BoundsCheck<Loc::Imm>>::run);
        case Loc::Mem:
        case Loc::Imm16: break;
    }
    return 0;
}

}  // namespace wasm
