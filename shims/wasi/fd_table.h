// SPDX-License-Identifier: Apache-2.0
// Descriptors of the guest → descriptors of the host. A guest reaches only what is in here: numbers are never
// passed through.
#pragma once

#include "types.h"

#include <vector>

namespace shims::wasi {

class FdTable {
  public:
    // 0, 1 and 2, as far as the host has them open.
    FdTable();
    FdTable(const FdTable&) = delete;
    FdTable& operator=(const FdTable&) = delete;

    static constexpr int kClosed = -1;
    // The host's descriptor, or kClosed.
    int host(Fd fd) const {
        const auto index = static_cast<size_t>(fd);
        return index < host_.size() ? host_[index] : kClosed;
    }
    // Closes both. False if `fd` is not open.
    bool close(Fd fd);

  private:
    std::vector<int> host_;  // by guest descriptor
};

}  // namespace shims::wasi
