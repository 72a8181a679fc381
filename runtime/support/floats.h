// SPDX-License-Identifier: Apache-2.0
// What wasm's floating-point instructions do without arithmetic, and rounding.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace wasm::numeric {

// abs, neg and copysign are bit operations: they must not change a NaN's payload.
template <class F>
using BitsOf = std::conditional_t<sizeof(F) == 8, uint64_t, uint32_t>;
template <class F>
inline constexpr BitsOf<F> kSignBit = BitsOf<F>{1} << (sizeof(F) * 8 - 1);

template <class F>
constexpr F abs(F a) {
    return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) & ~kSignBit<F>);
}
template <class F>
constexpr F neg(F a) {
    return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) ^ kSignBit<F>);
}
template <class F>
constexpr F copysign(F a, F b) {
    return std::bit_cast<F>((std::bit_cast<BitsOf<F>>(a) & ~kSignBit<F>) | (std::bit_cast<BitsOf<F>>(b) & kSignBit<F>));
}
// Rounding to an integral value (spec §4.3.3), in the default rounding mode, without libm: a baseline x86-64 has no
// instruction for it, and libm would be loaded at every start for these alone. From kIntegral on every value is
// integral.
template <class F>
inline constexpr F kIntegral = sizeof(F) == 4 ? F{0x1p23} : F{0x1p52};
template <class F>
constexpr F quiet(F a) {
    return a != a ? a + a : a;
}
template <class F>
constexpr F round_to_zero(F a) {
    using I = std::conditional_t<sizeof(F) == 4, int32_t, int64_t>;
    return abs(a) < kIntegral<F> ? copysign(static_cast<F>(static_cast<I>(a)), a) : quiet(a);
}
template <class F>
constexpr F round_down(F a) {
    const F t = round_to_zero(a);
    return t > a ? t - 1 : t;
}
template <class F>
constexpr F round_up(F a) {
    const F t = round_to_zero(a);
    return t < a ? t + 1 : t;
}
// The sum has no bits for a fraction: it is rounded as results are, ties to even.
template <class F>
constexpr F round_to_nearest(F a) {
    const F big = copysign(kIntegral<F>, a);
    return abs(a) < kIntegral<F> ? copysign((a + big) - big, a) : quiet(a);
}

}  // namespace wasm::numeric
