// SPDX-License-Identifier: Apache-2.0
// Rounding, which runtime/support/floats.h does by itself, against the C library's.
#include "support/floats.h"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <random>
#include <type_traits>

namespace {

template <class F>
using Bits = std::conditional_t<sizeof(F) == 4, uint32_t, uint64_t>;

// The same bits; of a NaN only that it is one, and quiet.
template <class F>
bool same(F ours, F theirs) {
    constexpr auto kQuiet = Bits<F>{1} << (sizeof(F) == 4 ? 22 : 51);
    if (std::isnan(theirs)) return std::isnan(ours) && (std::bit_cast<Bits<F>>(ours) & kQuiet) != 0;
    return std::bit_cast<Bits<F>>(ours) == std::bit_cast<Bits<F>>(theirs);
}

template <class F>
bool agree(F x) {
    using namespace wasm::numeric;
    return same(round_up(x), std::ceil(x)) && same(round_down(x), std::floor(x)) &&
           same(round_to_zero(x), std::trunc(x)) && same(round_to_nearest(x), std::nearbyint(x));
}

// Any bits; and numbers whose fraction is small, a half, or nearly one, of all sizes.
template <class F>
void check_all(uint64_t seed) {
    std::mt19937_64 random(seed);
    uint64_t wrong = 0;
    for (int i = 0; i < 300'000; ++i) {
        wrong += agree(std::bit_cast<F>(static_cast<Bits<F>>(random()))) ? 0 : 1;
        const F whole = std::floor(std::ldexp(F{1}, static_cast<int>(random() % 66))) + static_cast<F>(random() % 1000);
        for (const F half : {whole, whole + F{0.5}}) {
            for (const F x : {half, std::nextafter(half, F{0}), std::nextafter(half, INFINITY)}) {
                wrong += agree(x) && agree(-x) ? 0 : 1;
            }
        }
    }
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("rounding is the C library's") {
    check_all<float>(1);
    check_all<double>(2);
    for (const double x : {0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -0.3, 0x1p52, 0x1p52 - 0.5, 0x1p63, 1e300, HUGE_VAL}) {
        CAPTURE(x);
        CHECK((agree(x) && agree(-x) && agree(static_cast<float>(x)) && agree(-static_cast<float>(x))));
    }
    CHECK(agree(std::bit_cast<double>(uint64_t{0x7FF0000000000001})));  // signalling
    CHECK(agree(std::bit_cast<float>(uint32_t{0xFF800001})));
}
