// SPDX-License-Identifier: Apache-2.0
// Argument checks for memories without a reservation around them, and the descriptors a guest may name.
#include "args.h"

#include <utility>

namespace wali {

namespace {
constexpr uint32_t kLongestString = 4096;  // PATH_MAX; no string argument of the kernel is longer
}

// Buffers may be longer than what is left of the memory (a native caller passes what it likes, the kernel stops where
// pages end), but here nothing would stop the kernel: so the whole range must be inside.
std::byte* Args::checked_range(wasm::GuestAddr at, uint64_t count, uint64_t element_bytes) {
    const uint64_t limit = memory_.size();
    const bool fits = count <= limit / element_bytes;
    std::byte* host = fits ? memory_.at(at, count * element_bytes) : nullptr;
    return host != nullptr ? host : bad_pointer(at);
}

// A copy, because the guest could remove the terminator between a check here and the kernel's own reading.
const char* Args::checked_string(wasm::GuestAddr at) {
    if (copies_ == nullptr) copies_ = std::make_unique<std::list<std::string>>();
    if (auto whole = memory_.load_string(at, kLongestString)) return copies_->emplace_back(std::move(*whole)).c_str();
    // Longer than any, if it can be read so far: the kernel has its own error for that.
    std::string start(kLongestString, '\0');
    if (!memory_.read(at, start.data(), start.size())) return reinterpret_cast<const char*>(bad_pointer());
    return copies_->emplace_back(std::move(start)).c_str();
}

}  // namespace wali
