// SPDX-License-Identifier: Apache-2.0
// How a host writes lines of its own while a guest runs: the guest sees nothing of it but the bytes.
#pragma once

#include <cstdint>
#include <string_view>

namespace wasm {

// While it lives, the calling thread takes no signals but faults; then its mask is what it was before.
class SignalsHeld {
  public:
    SignalsHeld();
    ~SignalsHeld();
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

  private:
    uint64_t before_ = 0;
};

// All of the text, however slow the reader. False where nobody reads or there is no room. It raises no signal, and
// none is delivered meanwhile.
[[nodiscard]] bool write_quietly(int fd, std::string_view text);

}  // namespace wasm
