// SPDX-License-Identifier: Apache-2.0
// What the numeric instructions mean (spec §4.3), as pure functions: no machine state in sight. Integers are
// unsigned words, as in the specification; signed operations convert. Named by the `meaning` column of wasm_ops.def.
#pragma once

#include "support/floats.h"

#include <wasm/trap.h>

#include <bit>
#include <cstdint>
#include <limits>

namespace wasm::numeric {

// A result, or a trap instead.
template <class T>
struct Checked {
    T value{};
    bool trapped = false;
    TrapKind trap{};
    constexpr Checked(T v) : value(v) {}
    constexpr Checked(TrapKind t) : trapped(true), trap(t) {}
};

using u8 = uint8_t;
using u32 = uint32_t;
using u64 = uint64_t;
using s32 = int32_t;
using s64 = int64_t;
using f32 = float;
using f64 = double;

template <class U>
using Signed = std::make_signed_t<U>;

template <class U>
constexpr Checked<U> div_s(U a, U b) {
    using S = Signed<U>;
    if (b == 0) return TrapKind::IntegerDivideByZero;
    if (a == static_cast<U>(std::numeric_limits<S>::min()) && b == static_cast<U>(-1)) return TrapKind::IntegerOverflow;
    return static_cast<U>(static_cast<S>(a) / static_cast<S>(b));
}
template <class U>
constexpr Checked<U> div_u(U a, U b) {
    if (b == 0) return TrapKind::IntegerDivideByZero;
    return a / b;
}
template <class U>
constexpr Checked<U> rem_s(U a, U b) {
    using S = Signed<U>;
    if (b == 0) return TrapKind::IntegerDivideByZero;
    if (b == static_cast<U>(-1)) return U{0};
    return static_cast<U>(static_cast<S>(a) % static_cast<S>(b));
}
template <class U>
constexpr Checked<U> rem_u(U a, U b) {
    if (b == 0) return TrapKind::IntegerDivideByZero;
    return a % b;
}
template <class U>
constexpr U shl(U a, U b) {
    return a << (b & (sizeof(U) * 8 - 1));
}
template <class U>
constexpr U shr_s(U a, U b) {
    return static_cast<U>(static_cast<Signed<U>>(a) >> (b & (sizeof(U) * 8 - 1)));
}
template <class U>
constexpr U shr_u(U a, U b) {
    return a >> (b & (sizeof(U) * 8 - 1));
}
template <class U>
constexpr U rotl(U a, U b) {
    return std::rotl(a, static_cast<int>(b & (sizeof(U) * 8 - 1)));
}
template <class U>
constexpr U rotr(U a, U b) {
    return std::rotr(a, static_cast<int>(b & (sizeof(U) * 8 - 1)));
}
template <class Narrow, class U>
constexpr U sign_extend(U a) {
    return static_cast<U>(static_cast<Signed<U>>(static_cast<Narrow>(a)));
}

constexpr u32 i32_clz(u32 a) { return static_cast<u32>(std::countl_zero(a)); }
constexpr u32 i32_ctz(u32 a) { return static_cast<u32>(std::countr_zero(a)); }
constexpr u32 i32_popcnt(u32 a) { return static_cast<u32>(std::popcount(a)); }
constexpr u32 i32_add(u32 a, u32 b) { return a + b; }
constexpr u32 i32_sub(u32 a, u32 b) { return a - b; }
constexpr u32 i32_mul(u32 a, u32 b) { return a * b; }
constexpr Checked<u32> i32_div_s(u32 a, u32 b) { return div_s(a, b); }
constexpr Checked<u32> i32_div_u(u32 a, u32 b) { return div_u(a, b); }
constexpr Checked<u32> i32_rem_s(u32 a, u32 b) { return rem_s(a, b); }
constexpr Checked<u32> i32_rem_u(u32 a, u32 b) { return rem_u(a, b); }
constexpr u32 i32_and(u32 a, u32 b) { return a & b; }
constexpr u32 i32_or(u32 a, u32 b) { return a | b; }
constexpr u32 i32_xor(u32 a, u32 b) { return a ^ b; }
constexpr u32 i32_shl(u32 a, u32 b) { return shl(a, b); }
constexpr u32 i32_shr_s(u32 a, u32 b) { return shr_s(a, b); }
constexpr u32 i32_shr_u(u32 a, u32 b) { return shr_u(a, b); }
constexpr u32 i32_rotl(u32 a, u32 b) { return rotl(a, b); }
constexpr u32 i32_rotr(u32 a, u32 b) { return rotr(a, b); }
constexpr u64 i64_clz(u64 a) { return static_cast<u64>(std::countl_zero(a)); }
constexpr u64 i64_ctz(u64 a) { return static_cast<u64>(std::countr_zero(a)); }
constexpr u64 i64_popcnt(u64 a) { return static_cast<u64>(std::popcount(a)); }
constexpr u64 i64_add(u64 a, u64 b) { return a + b; }
constexpr u64 i64_sub(u64 a, u64 b) { return a - b; }
constexpr u64 i64_mul(u64 a, u64 b) { return a * b; }
constexpr Checked<u64> i64_div_s(u64 a, u64 b) { return div_s(a, b); }
constexpr Checked<u64> i64_div_u(u64 a, u64 b) { return div_u(a, b); }
constexpr Checked<u64> i64_rem_s(u64 a, u64 b) { return rem_s(a, b); }
constexpr Checked<u64> i64_rem_u(u64 a, u64 b) { return rem_u(a, b); }
constexpr u64 i64_and(u64 a, u64 b) { return a & b; }
constexpr u64 i64_or(u64 a, u64 b) { return a | b; }
constexpr u64 i64_xor(u64 a, u64 b) { return a ^ b; }
constexpr u64 i64_shl(u64 a, u64 b) { return shl(a, b); }
constexpr u64 i64_shr_s(u64 a, u64 b) { return shr_s(a, b); }
constexpr u64 i64_shr_u(u64 a, u64 b) { return shr_u(a, b); }
constexpr u64 i64_rotl(u64 a, u64 b) { return rotl(a, b); }
constexpr u64 i64_rotr(u64 a, u64 b) { return rotr(a, b); }

constexpr u32 i32_eqz(u32 a) { return a == 0; }
constexpr u32 i32_eq(u32 a, u32 b) { return a == b; }
constexpr u32 i32_ne(u32 a, u32 b) { return a != b; }
constexpr u32 i32_lt_s(u32 a, u32 b) { return static_cast<s32>(a) < static_cast<s32>(b); }
constexpr u32 i32_lt_u(u32 a, u32 b) { return a < b; }
constexpr u32 i32_gt_s(u32 a, u32 b) { return static_cast<s32>(a) > static_cast<s32>(b); }
constexpr u32 i32_gt_u(u32 a, u32 b) { return a > b; }
constexpr u32 i32_le_s(u32 a, u32 b) { return static_cast<s32>(a) <= static_cast<s32>(b); }
constexpr u32 i32_le_u(u32 a, u32 b) { return a <= b; }
constexpr u32 i32_ge_s(u32 a, u32 b) { return static_cast<s32>(a) >= static_cast<s32>(b); }
constexpr u32 i32_ge_u(u32 a, u32 b) { return a >= b; }
constexpr u32 i64_eqz(u64 a) { return a == 0; }
constexpr u32 i64_eq(u64 a, u64 b) { return a == b; }
constexpr u32 i64_ne(u64 a, u64 b) { return a != b; }
constexpr u32 i64_lt_s(u64 a, u64 b) { return static_cast<s64>(a) < static_cast<s64>(b); }
constexpr u32 i64_lt_u(u64 a, u64 b) { return a < b; }
constexpr u32 i64_gt_s(u64 a, u64 b) { return static_cast<s64>(a) > static_cast<s64>(b); }
constexpr u32 i64_gt_u(u64 a, u64 b) { return a > b; }
constexpr u32 i64_le_s(u64 a, u64 b) { return static_cast<s64>(a) <= static_cast<s64>(b); }
constexpr u32 i64_le_u(u64 a, u64 b) { return a <= b; }
constexpr u32 i64_ge_s(u64 a, u64 b) { return static_cast<s64>(a) >= static_cast<s64>(b); }
constexpr u32 i64_ge_u(u64 a, u64 b) { return a >= b; }

constexpr u32 i32_wrap_i64(u64 a) { return static_cast<u32>(a); }
constexpr u64 i64_extend_i32_s(u32 a) { return static_cast<u64>(s64{static_cast<s32>(a)}); }
constexpr u64 i64_extend_i32_u(u32 a) { return a; }
constexpr u32 i32_extend8_s(u32 a) { return sign_extend<int8_t>(a); }
constexpr u32 i32_extend16_s(u32 a) { return sign_extend<int16_t>(a); }
constexpr u64 i64_extend8_s(u64 a) { return sign_extend<int8_t>(a); }
constexpr u64 i64_extend16_s(u64 a) { return sign_extend<int16_t>(a); }
constexpr u64 i64_extend32_s(u64 a) { return sign_extend<int32_t>(a); }

// Floats: support/floats.h has the functions that move bits, and rounding.
// A NaN operand comes back quiet, which `a + b` does on all our machines.
template <class F>
constexpr F min(F a, F b) {
    if (a != a || b != b) return a + b;
    if (a == b) return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) | std::bit_cast<BitsOf<F>>(b));  // -0 < 0
    return a < b ? a : b;
}
template <class F>
constexpr F max(F a, F b) {
    if (a != a || b != b) return a + b;
    if (a == b) return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) & std::bit_cast<BitsOf<F>>(b));
    return a > b ? a : b;
}

constexpr u32 f32_eq(f32 a, f32 b) { return a == b; }
constexpr u32 f32_ne(f32 a, f32 b) { return a != b; }
constexpr u32 f32_lt(f32 a, f32 b) { return a < b; }
constexpr u32 f32_gt(f32 a, f32 b) { return a > b; }
constexpr u32 f32_le(f32 a, f32 b) { return a <= b; }
constexpr u32 f32_ge(f32 a, f32 b) { return a >= b; }
constexpr u32 f64_eq(f64 a, f64 b) { return a == b; }
constexpr u32 f64_ne(f64 a, f64 b) { return a != b; }
constexpr u32 f64_lt(f64 a, f64 b) { return a < b; }
constexpr u32 f64_gt(f64 a, f64 b) { return a > b; }
constexpr u32 f64_le(f64 a, f64 b) { return a <= b; }
constexpr u32 f64_ge(f64 a, f64 b) { return a >= b; }
constexpr f32 f32_abs(f32 a) { return abs(a); }
constexpr f32 f32_neg(f32 a) { return neg(a); }
constexpr f32 f32_ceil(f32 a) { return round_up(a); }
constexpr f32 f32_floor(f32 a) { return round_down(a); }
constexpr f32 f32_trunc(f32 a) { return round_to_zero(a); }
constexpr f32 f32_nearest(f32 a) { return round_to_nearest(a); }
inline f32 f32_sqrt(f32 a) { return __builtin_sqrtf(a); }
constexpr f32 f32_add(f32 a, f32 b) { return a + b; }
constexpr f32 f32_sub(f32 a, f32 b) { return a - b; }
constexpr f32 f32_mul(f32 a, f32 b) { return a * b; }
constexpr f32 f32_div(f32 a, f32 b) { return a / b; }
constexpr f32 f32_min(f32 a, f32 b) { return min(a, b); }
constexpr f32 f32_max(f32 a, f32 b) { return max(a, b); }
constexpr f32 f32_copysign(f32 a, f32 b) { return copysign(a, b); }
constexpr f64 f64_abs(f64 a) { return abs(a); }
constexpr f64 f64_neg(f64 a) { return neg(a); }
constexpr f64 f64_ceil(f64 a) { return round_up(a); }
constexpr f64 f64_floor(f64 a) { return round_down(a); }
constexpr f64 f64_trunc(f64 a) { return round_to_zero(a); }
constexpr f64 f64_nearest(f64 a) { return round_to_nearest(a); }
inline f64 f64_sqrt(f64 a) { return __builtin_sqrt(a); }
constexpr f64 f64_add(f64 a, f64 b) { return a + b; }
constexpr f64 f64_sub(f64 a, f64 b) { return a - b; }
constexpr f64 f64_mul(f64 a, f64 b) { return a * b; }
constexpr f64 f64_div(f64 a, f64 b) { return a / b; }
constexpr f64 f64_min(f64 a, f64 b) { return min(a, b); }
constexpr f64 f64_max(f64 a, f64 b) { return max(a, b); }
constexpr f64 f64_copysign(f64 a, f64 b) { return copysign(a, b); }

// Float → integer (spec §4.3.3). The bounds are exact in F: a value is in range iff lowest - 1 < trunc(x) < highest
// + 1.
template <class I, class F>
constexpr F kAbove = static_cast<F>(std::numeric_limits<I>::max() / 2 + 1) * F{2};  // highest + 1
template <class I, class F>
constexpr bool in_range(F a) {
    if constexpr (std::numeric_limits<I>::is_signed) {
        constexpr F kLowest = static_cast<F>(std::numeric_limits<I>::min());
        // Where F has bits to spare, -2^31 - 0.5 truncates into range; where not, kLowest - 1 == kLowest.
        if constexpr (kLowest - F{1} != kLowest)
            return a > kLowest - F{1} && a < kAbove<I, F>;
        else
            return a >= kLowest && a < kAbove<I, F>;
    } else {
        return a > F{-1} && a < kAbove<I, F>;
    }
}
template <class I, class F>
constexpr Checked<std::make_unsigned_t<I>> trunc(F a) {
    if (!in_range<I>(a)) [[unlikely]]
        return a != a ? TrapKind::InvalidConversion : TrapKind::IntegerOverflow;
    return static_cast<std::make_unsigned_t<I>>(static_cast<I>(a));
}
template <class I, class F>
constexpr std::make_unsigned_t<I> trunc_sat(F a) {
    using U = std::make_unsigned_t<I>;
    if (in_range<I>(a)) return static_cast<U>(static_cast<I>(a));
    if (a != a) return 0;
    return static_cast<U>(a < F{0} ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max());
}
constexpr Checked<u32> i32_trunc_f32_s(f32 a) { return trunc<s32>(a); }
constexpr Checked<u32> i32_trunc_f32_u(f32 a) { return trunc<u32>(a); }
constexpr Checked<u32> i32_trunc_f64_s(f64 a) { return trunc<s32>(a); }
constexpr Checked<u32> i32_trunc_f64_u(f64 a) { return trunc<u32>(a); }
constexpr Checked<u64> i64_trunc_f32_s(f32 a) { return trunc<s64>(a); }
constexpr Checked<u64> i64_trunc_f32_u(f32 a) { return trunc<u64>(a); }
constexpr Checked<u64> i64_trunc_f64_s(f64 a) { return trunc<s64>(a); }
constexpr Checked<u64> i64_trunc_f64_u(f64 a) { return trunc<u64>(a); }
constexpr u32 i32_trunc_sat_f32_s(f32 a) { return trunc_sat<s32>(a); }
constexpr u32 i32_trunc_sat_f32_u(f32 a) { return trunc_sat<u32>(a); }
constexpr u32 i32_trunc_sat_f64_s(f64 a) { return trunc_sat<s32>(a); }
constexpr u32 i32_trunc_sat_f64_u(f64 a) { return trunc_sat<u32>(a); }
constexpr u64 i64_trunc_sat_f32_s(f32 a) { return trunc_sat<s64>(a); }
constexpr u64 i64_trunc_sat_f32_u(f32 a) { return trunc_sat<u64>(a); }
constexpr u64 i64_trunc_sat_f64_s(f64 a) { return trunc_sat<s64>(a); }
constexpr u64 i64_trunc_sat_f64_u(f64 a) { return trunc_sat<u64>(a); }
constexpr f32 f32_convert_i32_s(u32 a) { return static_cast<f32>(static_cast<s32>(a)); }
constexpr f32 f32_convert_i32_u(u32 a) { return static_cast<f32>(a); }
constexpr f32 f32_convert_i64_s(u64 a) { return static_cast<f32>(static_cast<s64>(a)); }
constexpr f32 f32_convert_i64_u(u64 a) { return static_cast<f32>(a); }
constexpr f32 f32_demote_f64(f64 a) { return static_cast<f32>(a); }
constexpr f64 f64_convert_i32_s(u32 a) { return static_cast<f64>(static_cast<s32>(a)); }
constexpr f64 f64_convert_i32_u(u32 a) { return static_cast<f64>(a); }
constexpr f64 f64_convert_i64_s(u64 a) { return static_cast<f64>(static_cast<s64>(a)); }
constexpr f64 f64_convert_i64_u(u64 a) { return static_cast<f64>(a); }
constexpr f64 f64_promote_f32(f32 a) { return static_cast<f64>(a); }
constexpr u32 i32_reinterpret_f32(f32 a) { return std::bit_cast<u32>(a); }
constexpr u64 i64_reinterpret_f64(f64 a) { return std::bit_cast<u64>(a); }
constexpr f32 f32_reinterpret_i32(u32 a) { return std::bit_cast<f32>(a); }
constexpr f64 f64_reinterpret_i64(u64 a) { return std::bit_cast<f64>(a); }

static_assert(i32_add(0xFFFFFFFFU, 1) == 0);
static_assert(i32_div_s(7, static_cast<u32>(-2)).value == static_cast<u32>(-3));
static_assert(i32_div_s(0x80000000U, static_cast<u32>(-1)).trap == TrapKind::IntegerOverflow);
static_assert(i64_rem_s(u64{1} << 63, ~u64{0}).value == 0);
static_assert(i32_shl(1, 33) == 2 && i32_shr_s(0x80000000U, 31) == ~0U && i64_rotr(1, 1) == u64{1} << 63);
static_assert(i32_extend8_s(0x80) == 0xFFFFFF80U && i64_extend32_s(0x80000000U) == 0xFFFFFFFF80000000U);
static_assert(i32_trunc_f64_s(-2147483648.9).value == 0x80000000U && i32_trunc_f64_s(2147483648.0).trapped);
static_assert(i32_trunc_f32_s(-2147483648.0F).value == 0x80000000U && i32_trunc_f32_u(-0.5F).value == 0);
static_assert(i64_trunc_sat_f64_u(1e30) == ~u64{0} && i64_trunc_sat_f64_s(-1e30) == u64{1} << 63);
static_assert(std::bit_cast<u64>(f64_min(0.0, -0.0)) == u64{1} << 63 && std::bit_cast<u64>(f64_max(-0.0, 0.0)) == 0);

}  // namespace wasm::numeric
