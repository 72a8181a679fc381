// SPDX-License-Identifier: Apache-2.0
// In the place of wali/interruptible.cc: a call that looks for a signal and then, a moment later, blocks. The moment is
// stretched, so that the storm of signals is certain to hit it: with this, the test must fail.
#include "wali/kernel.h"

namespace wali {

namespace {
constexpr int kLongMoment = 20000;
}

extern "C" long wali_interruptible_syscall(
    const std::atomic<uint32_t>* waiting, long nr, long a, long b, long c, long d, long e, long f) {
    if (waiting->load() != 0) return kNotStarted;
    [[maybe_unused]] volatile int passed = 0;
    for (int i = 0; i < kLongMoment; ++i) passed = i;
    return detail::raw_syscall(nr, a, b, c, d, e, f);
}

void stop_before_syscall(void*) {}

}  // namespace wali
