// SPDX-License-Identifier: Apache-2.0
// The guest's RLIMIT_AS once it has set one. It is not the host's: guest memory lies in a reservation that is larger
// than any such limit. Programs that execve starts get it for real.
#pragma once

#include "abi.h"

#include <wasm/fork.h>

#include <cstdint>
#include <optional>

namespace wali {

class AddressLimit {
  public:
    Rlimit get() const;
    int set(const Rlimit& wanted);  // 0 or an errno, as the kernel decides
    bool is_set() const;
    // Whether that many bytes of mappings are within it.
    bool allows(uint64_t bytes) const;
    // The ordinary user cannot take a hard limit back: only when the program is expected to start.
    void before_exec();
    void after_failed_exec();

  private:
    mutable wasm::ForkLock lock_{wasm::LockRank::AddressLimit};
    std::optional<Rlimit> own_;
    std::optional<Rlimit> host_;  // during execve
};

}  // namespace wali
