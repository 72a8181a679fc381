// SPDX-License-Identifier: Apache-2.0
// A string whose being one depends on another argument; for the kernel alone. (Others are kinds: Path, String.)
#pragma once

#include "dispatch.h"

#include <string>

namespace wali {

class GuestString {
  public:
    GuestString(const Call& call, wasm::GuestAddr at) {
        if (wasm::raw(at) == 0) return;
        kernel_ = reinterpret_cast<const char*>(call.kernel_range(at, 0));
        if (call.memory.reserved() != 0) return;
        // The kernel would not stop at the end of the memory. One that is longer than any is an error to it, too.
        constexpr uint32_t kLongest = 4096;
        copy_.resize(kLongest);
        if (auto whole = call.memory.load_string(at, kLongest)) {
            copy_ = *whole;
        } else if (!call.memory.read(at, copy_.data(), copy_.size())) {
            kernel_ = reinterpret_cast<const char*>(bad_pointer(at));
            return;
        }
        kernel_ = copy_.c_str();
    }
    GuestString(const GuestString&) = delete;
    GuestString& operator=(const GuestString&) = delete;
    const char* kernel() const { return kernel_; }

  private:
    std::string copy_;
    const char* kernel_ = nullptr;
};

}  // namespace wali
