// SPDX-License-Identifier: Apache-2.0
// What a syscall answers. Not an integer, so that a positive errno or a forgotten minus sign cannot be written.
#pragma once

#include "kernel.h"

#include <cassert>
#include <cerrno>
#include <cstdint>

namespace wali {

class [[nodiscard]] SysResult {
  public:
    static SysResult ok(int64_t value) { return SysResult{value}; }
    static SysResult fail(int error) {
        assert(error > 0 && error < 4096);
        return SysResult{-int64_t{error}};
    }
    static SysResult from_kernel(long result) { return SysResult{result}; }
    // The wasm code does not go on: the Caller has been told why (exit, trap, jump).
    static SysResult stop() {
        SysResult r{0};
        r.stopped_ = true;
        return r;
    }

    bool stopped() const { return stopped_; }
    bool failed() const { return is_kernel_error(static_cast<long>(value_)); }
    bool failed_with(int error) const { return value_ == -int64_t{error}; }
    bool not_started() const { return value_ == kNotStarted; }  // see kernel_interruptible
    int64_t value() const { return value_; }                    // as the guest sees it: a value, or -errno

  private:
    explicit SysResult(int64_t value) : value_(value) {}
    int64_t value_;
    bool stopped_ = false;
};

}  // namespace wali
