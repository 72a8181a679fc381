// SPDX-License-Identifier: Apache-2.0
// Moves, globals, select, branches and returns.
#include "execute/family_table.h"
#include "execute/unwind.h"
#include "instance/memory_data.h"

namespace wasm {

namespace {

template <class T, Loc D, Loc A>
struct Move {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kDest = layout::behind(layout::kFirst, A);
        put<D>(r, kDest, get<T, A>(r, layout::kFirst));
        r.pc += layout::behind(kDest, D);
        return nullptr;
    }
};
template <class T, Loc D>
struct Const {
    static WASM_INLINE Handler exec(Regs& r) {
        put<D>(r, layout::kFirst + 8, read_at<T>(r.pc + layout::kFirst));
        r.pc += layout::behind(layout::kFirst + 8, D);
        return nullptr;
    }
};

// The cell whose number stands at byte `at`.
template <bool kIndirect = false>
WASM_INLINE uint8_t* global_cell(const Regs& r, uint32_t at) {
    auto* cell = reinterpret_cast<uint8_t*>(r.ctx->globals + read_at<uint32_t>(r.pc + at));
    if constexpr (kIndirect)
        return read_at<uint8_t*>(cell);
    else
        return cell;
}
template <class T, Loc D, bool kIndirect>
struct GlobalGet {
    static WASM_INLINE Handler exec(Regs& r) {
        put<D>(r, layout::kFirst + 4, read_at<T>(global_cell<kIndirect>(r, layout::kFirst)));
        r.pc += layout::behind(layout::kFirst + 4, D);
        return nullptr;
    }
};
template <class T, Loc A, bool kIndirect>
struct GlobalSet {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kCell = layout::behind(layout::kFirst, A);
        write_at<T>(global_cell<kIndirect>(r, kCell), get<T, A>(r, layout::kFirst));
        r.pc += kCell + 4;
        return nullptr;
    }
};

// The stack pointer of compiled code moves down and is kept in a local, or moves back up.
template <Loc D>
struct GlobalStep {
    static WASM_INLINE Handler exec(Regs& r) {
        uint8_t* cell = global_cell(r, layout::kSecond + 4);
        const uint32_t value = read_at<uint32_t>(cell) + read_at<uint32_t>(r.pc + layout::kSecond);
        write_at<uint64_t>(cell, value);
        put<Loc::Slot>(r, layout::kFirst, value);
        if constexpr (D != Loc::Slot) put<D>(r, 0, value);
        r.pc += layout::kSecond + 8;
        return nullptr;
    }
};
template <Loc A>
struct GlobalSetSum {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kSummand = layout::behind(layout::kFirst, A);
        const uint32_t value = get<uint32_t, A>(r, layout::kFirst) + read_at<uint32_t>(r.pc + kSummand);
        write_at<uint64_t>(global_cell(r, kSummand + 4), value);
        r.pc += kSummand + 8;
        return nullptr;
    }
};

template <class T, Loc D, Loc C, Loc A, Loc B>
struct Select {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kA = layout::behind(layout::kFirst, C), kB = layout::behind(kA, A),
                           kDest = layout::behind(kB, B);
        const bool first = get<uint32_t, C>(r, layout::kFirst) != 0;
        if constexpr (A == Loc::Slot && B == Loc::Slot) {
            put<D>(r, kDest, read_at<T>(first ? slot(r, kA) : slot(r, kB)));
        } else {
            const T a = get<T, A>(r, kA);
            const T b = get<T, B>(r, kB);
            put<D>(r, kDest, first ? a : b);
        }
        r.pc += layout::behind(kDest, D);
        return nullptr;
    }
};

template <Loc A>
struct BrTable {
    static WASM_INLINE Handler exec(Regs& r) {
        constexpr uint32_t kLast = layout::behind(layout::kFirst, A);
        uint32_t i = get<uint32_t, A>(r, layout::kFirst);
        const auto last = read_at<uint32_t>(r.pc + kLast);
        if (i > last) i = last;
        r.pc += read_at<int32_t>(r.pc + kLast + 4 + uint64_t{i} * 4);
        if (interrupted(r)) [[unlikely]]
            return &interrupt_cold;
        return nullptr;
    }
};

struct Br {
    static WASM_INLINE Handler exec(Regs& r) {
        r.pc += read_at<int32_t>(r.pc + layout::kFirst);
        if (interrupted(r)) [[unlikely]]
            return &interrupt_cold;
        return nullptr;
    }
};

// The number of the link's slot stands at byte `at`.
WASM_INLINE void leave_frame(Regs& r, uint32_t at) {
    const uint8_t* link = slot(r, at);
    r.pc = read_at<const uint8_t*>(link);
    r.fp = read_at<uint8_t*>(link + 8);
}
template <class T, Loc A>
struct Return {
    static WASM_INLINE Handler exec(Regs& r) {
        put<Loc::Acc>(r, 0, get<T, A>(r, layout::kFirst));
        leave_frame(r, layout::behind(layout::kFirst, A));
        return nullptr;
    }
};
struct ReturnNone {
    static WASM_INLINE Handler exec(Regs& r) {
        leave_frame(r, layout::kFirst);
        return nullptr;
    }
};
// The stack pointer moves back up from R1, and its function ends. The fields for it are behind those of the return.
WASM_INLINE void step_back(Regs& r, uint32_t at) {
    write_at<uint64_t>(global_cell(r, at + 4), get<uint32_t, Loc::R1>(r, 0) + read_at<uint32_t>(r.pc + at));
}
template <class T, Loc A>
struct ReturnStep {
    static WASM_INLINE Handler exec(Regs& r) {
        step_back(r, layout::behind(layout::kFirst, A) + 2);
        return Return<T, A>::exec(r);
    }
};
struct ReturnNoneStep {
    static WASM_INLINE Handler exec(Regs& r) {
        step_back(r, layout::kFirst + 2);
        return ReturnNone::exec(r);
    }
};
// The results may lie over the link: it is read first.
struct ReturnMulti {
    static WASM_INLINE Handler exec(Regs& r) {
        uint8_t* to = r.fp;
        const uint8_t* from = slot(r, layout::kFirst);
        const uint32_t n = read_at<uint16_t>(r.pc + layout::kSecond + 2);
        leave_frame(r, layout::kSecond);
        for (uint32_t i = 0; i < n; ++i) write_at(to + i * 8, read_at<uint64_t>(from + i * 8));
        return nullptr;
    }
};
struct CopySlots {
    static WASM_INLINE Handler exec(Regs& r) {
        uint8_t* to = slot(r, layout::kFirst);
        const uint8_t* from = slot(r, layout::kSecond);
        const uint32_t n = read_at<uint16_t>(r.pc + layout::kSecond + 2);
        for (uint32_t i = 0; i < n; ++i) write_at(to + i * 8, read_at<uint64_t>(from + i * 8));
        r.pc += layout::kSecond + 4;
        return nullptr;
    }
};

template <unsigned kMask, bool kReload>
struct Pins {
    static WASM_INLINE Handler exec(Regs& r) {
        for (unsigned k = 0; k < 3; ++k) {
            if ((kMask >> k & 1) != 0) {
                uint8_t* s = slot(r, layout::pin(layout::kFirst, kMask, k));
                if constexpr (kReload)
                    r.r[k] = read_at<uint64_t>(s);
                else
                    write_at(s, r.r[k]);
            }
            if ((kMask >> (3 + k) & 1) != 0) {
                uint8_t* s = slot(r, layout::pin(layout::kFirst, kMask, 3 + k));
                if constexpr (kReload)
                    r.f[k] = from_low_lane(read_at<double>(s));
                else
                    write_at(s, low_lane<double>(r.f[k]));
            }
        }
        r.pc += layout::pins_end(layout::kFirst, kMask);
        return nullptr;
    }
};
template <bool kReload>
struct PinsByMask {
    static constexpr size_t kSize = 64;
    template <size_t kMask>
    static constexpr Handler at() {
        return &Straight<Pins<kMask, kReload>>::run;
    }
};

// Tables over locations, for handlers without an opcode of their own.
template <template <Loc, Loc> class Make>
struct LocTable {
    static constexpr size_t kSize = kLocCount * kImm16Count;
    template <size_t I>
    static constexpr Handler at() {
        return Make<static_cast<Loc>(I / kImm16Count), static_cast<Loc>(I % kImm16Count)>::handler();
    }
    static HandlerBits find(Loc d, Loc a) {
        return Handlers<LocTable>::find(static_cast<size_t>(d) * kImm16Count + static_cast<size_t>(a));
    }
};
template <class Body, bool kWanted>
constexpr Handler handler_if() {
    if constexpr (kWanted)
        return &Straight<Body>::run;
    else
        return nullptr;
}
// These move all 64 bits of a value, whatever its type: more than a variable in memory may have.
constexpr bool is_whole(Loc l) { return l != Loc::Mem && exists(l); }
template <Loc D, Loc A>
struct IntMoves {
    static constexpr Handler handler() { return handler_if<Move<uint64_t, D, A>, is_whole(D) && is_whole(A)>(); }
};
template <Loc D, Loc A>
struct FloatMoves {
    static constexpr Handler handler() {
        return handler_if<Move<double, D, A>, is_whole(D) && is_whole(A) && !is_imm(A)>();
    }
};
template <Loc D, Loc>
struct Consts {
    static constexpr Handler handler() { return handler_if<Const<uint64_t, D>, is_whole(D)>(); }
};
template <Loc D, Loc>
struct FloatConsts {
    static constexpr Handler handler() { return handler_if<Const<double, D>, is_whole(D)>(); }
};
template <class T, bool kIndirect>
struct GlobalGets {
    template <Loc D, Loc>
    struct Entry {
        static constexpr Handler handler() { return handler_if<GlobalGet<T, D, kIndirect>, is_whole(D)>(); }
    };
};
template <class T, bool kIndirect>
struct GlobalSets {
    template <Loc, Loc A>
    struct Entry {
        static constexpr Handler handler() {
            return handler_if<GlobalSet<T, A, kIndirect>,
                              is_whole(A) && A != Loc::Imm16 && !(kIsFloat<T> && A == Loc::Imm)>();
        }
    };
};
template <Loc D, Loc>
struct GlobalSteps {
    static constexpr Handler handler() {
        return handler_if<GlobalStep<D>, exists(D) && (D == Loc::Slot || is_pinned(D))>();
    }
};
template <Loc, Loc A>
struct GlobalSetSums {
    static constexpr Handler handler() {
        return handler_if<GlobalSetSum<A>, exists(A) && (A == Loc::Slot || is_pinned(A))>();
    }
};
template <Loc D, Loc C>
struct FloatSelects {
    static constexpr Handler handler() {
        return handler_if<Select<double, D, C, Loc::Slot, Loc::Slot>, is_whole(D) && exists(C) && !is_imm(C)>();
    }
};
struct MakeSelect {
    template <size_t kD, size_t kC, size_t kA, size_t kB>
    static constexpr Handler handler() {
        constexpr Loc D = static_cast<Loc>(kD), C = static_cast<Loc>(kC), A = static_cast<Loc>(kA),
                      B = static_cast<Loc>(kB);
        return handler_if<Select<uint64_t, D, C, A, B>,
                          is_whole(D) && exists(C) && is_local(A) && exists(A) && is_local(B) && exists(B)>();
    }
};
template <Loc, Loc A>
struct BrTables {
    static constexpr Handler handler() { return handler_if<BrTable<A>, exists(A) && !is_imm(A)>(); }
};
template <template <class, Loc> class Body, class T>
struct Returns {
    template <Loc, Loc A>
    struct Entry {
        static constexpr Handler handler() {
            return handler_if<Body<T, A>, is_whole(A) && A != Loc::Imm16 && !(kIsFloat<T> && A == Loc::Imm)>();
        }
    };
};

}  // namespace

HandlerBits move_handler(Loc d, Loc a) { return LocTable<IntMoves>::find(d, a); }
HandlerBits float_move_handler(Loc d, Loc a) { return LocTable<FloatMoves>::find(d, a); }
HandlerBits const_handler(Loc d) { return LocTable<Consts>::find(d, Loc::Slot); }
HandlerBits float_const_handler(Loc d) { return LocTable<FloatConsts>::find(d, Loc::Slot); }

HandlerBits global_get_handler(Loc d, bool is_float, bool indirect) {
    if (is_float) {
        return indirect ? LocTable<GlobalGets<double, true>::Entry>::find(d, Loc::Slot)
                        : LocTable<GlobalGets<double, false>::Entry>::find(d, Loc::Slot);
    }
    return indirect ? LocTable<GlobalGets<uint64_t, true>::Entry>::find(d, Loc::Slot)
                    : LocTable<GlobalGets<uint64_t, false>::Entry>::find(d, Loc::Slot);
}
HandlerBits global_set_handler(Loc a, bool is_float, bool indirect) {
    if (is_float) {
        return indirect ? LocTable<GlobalSets<double, true>::Entry>::find(Loc::Slot, a)
                        : LocTable<GlobalSets<double, false>::Entry>::find(Loc::Slot, a);
    }
    return indirect ? LocTable<GlobalSets<uint64_t, true>::Entry>::find(Loc::Slot, a)
                    : LocTable<GlobalSets<uint64_t, false>::Entry>::find(Loc::Slot, a);
}
HandlerBits global_step_handler(Loc d) { return LocTable<GlobalSteps>::find(d, Loc::Slot); }
HandlerBits global_set_sum_handler(Loc a) { return LocTable<GlobalSetSums>::find(Loc::Slot, a); }
HandlerBits select_handler(Loc d, Loc condition, Loc a, Loc b) {
    return Grid<MakeSelect, kLocCount, kLocCount, kLocCount, kLocCount>::find(
        {index_of(d), index_of(condition), index_of(a), index_of(b)});
}
HandlerBits float_select_handler(Loc d, Loc condition) { return LocTable<FloatSelects>::find(d, condition); }
HandlerBits br_table_handler(Loc index) { return LocTable<BrTables>::find(Loc::Slot, index); }
HandlerBits return_handler(Loc value) { return LocTable<Returns<Return, uint64_t>::Entry>::find(Loc::Slot, value); }
HandlerBits float_return_handler(Loc value) { return LocTable<Returns<Return, double>::Entry>::find(Loc::Slot, value); }
HandlerBits return_step_handler(Loc value) {
    return LocTable<Returns<ReturnStep, uint64_t>::Entry>::find(Loc::Slot, value);
}
HandlerBits float_return_step_handler(Loc value) {
    return LocTable<Returns<ReturnStep, double>::Entry>::find(Loc::Slot, value);
}

HandlerBits spill_handler(unsigned mask) { return Handlers<PinsByMask<false>>::find(mask); }
HandlerBits reload_handler(unsigned mask) { return Handlers<PinsByMask<true>>::find(mask); }

HandlerBits br_handler() { return handler_bits(&Straight<Br>::run); }
HandlerBits return_none_handler() { return handler_bits(&Straight<ReturnNone>::run); }
HandlerBits return_none_step_handler() { return handler_bits(&Straight<ReturnNoneStep>::run); }
HandlerBits return_multi_handler() { return handler_bits(&Straight<ReturnMulti>::run); }
HandlerBits copy_slots_handler() { return handler_bits(&Straight<CopySlots>::run); }

}  // namespace wasm
