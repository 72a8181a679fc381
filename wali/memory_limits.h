// SPDX-License-Identifier: Apache-2.0
// RLIMIT_AS, RLIMIT_DATA and RLIMIT_STACK once the guest has set them for itself. They are not the host's: guest memory
// lies in a reservation that is larger than any such limit, and the host's stack and heap are not the guest's. Programs
// that execve starts get them for real.
#pragma once

#include "abi.h"

#include <wasm/fork.h>

#include <sys/resource.h>

#include <array>
#include <cstdint>
#include <optional>

namespace wali {

class MemoryLimits {
  public:
    static bool covers(uint32_t resource) { return index_of(resource) < kResources.size(); }
    Rlimit get(uint32_t resource) const;
    int set(uint32_t resource, const Rlimit& wanted);  // 0 or an errno, as the kernel decides
    // What of a resource may be used; UINT64_MAX where the guest has said nothing.
    uint64_t soft(uint32_t resource) const;
    // The ordinary user cannot take a hard limit back: it is set only when the program is sure to start, and the soft
    // one when that can be expected.
    void before_exec(bool is_sure);
    void after_failed_exec();

  private:
    static constexpr std::array<uint32_t, 3> kResources{RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK};
    static constexpr size_t index_of(uint32_t resource) {
        size_t i = 0;
        while (i < kResources.size() && kResources[i] != resource) ++i;
        return i;
    }
    struct Limit {
        std::optional<Rlimit> own;
        std::optional<Rlimit> host;  // during execve
    };
    mutable wasm::ForkLock lock_{wasm::LockRank::MemoryLimits};
    std::array<Limit, kResources.size()> limits_;
};

}  // namespace wali
