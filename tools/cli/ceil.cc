// SPDX-License-Identifier: Apache-2.0
// The one function of libm that is left in wali-run: fmt wants it for exponents of ten. With it here, in the program
// and not in the library, libm is not loaded at every start.
#include <cstdint>

extern "C" double ceil(double x) noexcept {
    constexpr double kIntegral = 0x1p52;  // from here on every value is integral
    if (!(x > -kIntegral && x < kIntegral)) return x;
    const double whole = __builtin_copysign(static_cast<double>(static_cast<int64_t>(x)), x);
    return whole < x ? whole + 1 : whole;
}
