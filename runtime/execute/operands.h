// SPDX-License-Identifier: Apache-2.0
// Reading and writing the operands of an instruction at a location known at compile time.
#pragma once

#include "execute/dispatch.h"

#include <cstdint>
#include <type_traits>

namespace wasm {

template <class T>
WASM_INLINE T read_at(const uint8_t* p) {
    T value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
}
template <class T>
WASM_INLINE void write_at(uint8_t* p, T value) {
    __builtin_memcpy(p, &value, sizeof value);
}

// The slot whose number stands at byte `at` of the instruction.
WASM_INLINE uint8_t* slot(const Regs& r, uint32_t at) { return r.fp + uint64_t{read_at<uint16_t>(r.pc + at)} * 8; }

// The variable in memory whose offset stands at byte `at`. As of any access, base and offset stay in the reservation.
WASM_INLINE uint8_t* variable(const Regs& r, uint32_t at) {
    return r.mem + (uint64_t{static_cast<uint32_t>(r.r[0])} + read_at<uint16_t>(r.pc + at));
}

template <class F>
struct LanesOf;
template <>
struct LanesOf<float> {
    typedef float Type __attribute__((vector_size(16)));
};
template <>
struct LanesOf<double> {
    typedef double Type __attribute__((vector_size(16)));
};

// Low lane of a float register. Writing leaves the high lane undefined, which costs no instruction.
template <class F>
WASM_INLINE F low_lane(FloatReg v) {
    return reinterpret_cast<typename LanesOf<F>::Type>(v)[0];
}
template <class F>
WASM_INLINE FloatReg from_low_lane(F x) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
    typename LanesOf<F>::Type lanes;
    lanes[0] = x;
#pragma GCC diagnostic pop
    return reinterpret_cast<FloatReg>(lanes);
}

template <class T>
inline constexpr bool kIsFloat = std::is_floating_point_v<T>;

// The operand of type T at location L, whose field is at byte `at` (layout::width says how long it is).
template <class T, Loc L>
WASM_INLINE T get(Regs& r, [[maybe_unused]] uint32_t at) {
    if constexpr (L == Loc::Slot) {
        return read_at<T>(slot(r, at));
    } else if constexpr (L == Loc::Mem) {
        T value = read_at<T>(variable(r, at));
        access_done(r, value);
        return value;
    } else if constexpr (L == Loc::Imm16) {
        return static_cast<T>(int64_t{read_at<int16_t>(r.pc + at)});
    } else if constexpr (L == Loc::Imm) {
        if constexpr (kIsFloat<T>)
            return read_at<T>(r.pc + at);
        else
            return static_cast<T>(int64_t{read_at<int32_t>(r.pc + at)});
    } else if constexpr (kIsFloat<T>) {
        return low_lane<T>(L == Loc::Acc ? r.facc : r.f[static_cast<unsigned>(L) - 2]);
    } else {
        return static_cast<T>(L == Loc::Acc ? r.acc : r.r[static_cast<unsigned>(L) - 2]);
    }
}

// Slots are always written whole: mixing widths would defeat store forwarding.
template <Loc L, class T>
WASM_INLINE void put(Regs& r, uint32_t at, T value) {
    if constexpr (L == Loc::Mem) {
        static_assert(sizeof value == 4 || sizeof value == 8);
        write_at(variable(r, at), value);
        access_done(r, value);
    } else if constexpr (kIsFloat<T>) {
        if constexpr (L == Loc::Slot) {
            uint64_t bits = 0;
            __builtin_memcpy(&bits, &value, sizeof value);
            write_at<uint64_t>(slot(r, at), bits);
        } else if constexpr (L == Loc::Acc) {
            r.facc = from_low_lane(value);
        } else {
            r.f[static_cast<unsigned>(L) - 2] = from_low_lane(value);
        }
    } else {
        const uint64_t bits = static_cast<std::make_unsigned_t<T>>(value);
        if constexpr (L == Loc::Slot)
            write_at<uint64_t>(slot(r, at), bits);
        else if constexpr (L == Loc::Acc)
            r.acc = bits;
        else
            r.r[static_cast<unsigned>(L) - 2] = bits;
    }
}

// Locations this build has handlers for: pinned registers beyond kPins are absent, an accumulator can be only one of
// two sources, and variables in memory do not go together with pinned registers (code is either optimised or not).
constexpr bool exists(Loc l) {
    if (l == Loc::Mem) return kPins > 0;
    return !is_pinned(l) || static_cast<unsigned>(l) < 2 + kPins;
}
constexpr bool go_together(Loc d, Loc a, Loc b) {
    const bool memory = d == Loc::Mem || a == Loc::Mem || b == Loc::Mem;
    return exists(d) && exists(a) && exists(b) && !(memory && (is_pinned(d) || is_pinned(a) || is_pinned(b)));
}
constexpr bool exist_as_sources(Loc a, Loc b) {
    return go_together(Loc::Acc, a, b) && !(a == Loc::Acc && b == Loc::Acc);
}
constexpr bool exist_as_operands(Loc d, Loc a, Loc b) { return exist_as_sources(a, b) && go_together(d, a, b); }

}  // namespace wasm
