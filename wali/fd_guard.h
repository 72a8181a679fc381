// SPDX-License-Identifier: Apache-2.0
// The runtime's own descriptors, out of the guest's reach: every descriptor a guest passes is looked up here, and one
// of ours reads as "not open". Daemons that close everything do us no harm and notice nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wali {

class FdGuard {
  public:
    static constexpr size_t kMax = 8;

    // Moves `fd` to a high number (close-on-exec) and protects it. Returns a handle, because the number may change
    // again; -1 when there is no room (then `fd` is closed).
    int adopt(int fd);
    int number(int handle) const { return owned_[static_cast<size_t>(handle)].load(std::memory_order_relaxed); }
    // Closes and forgets it.
    void release(int handle);
    // A guest is about to put something at number `fd` (dup2): if it is ours, moves ours elsewhere.
    void evacuate(int fd);

    bool owns(int fd) const { return fd >= lowest_.load(std::memory_order_acquire) && find(fd) >= 0; }
    std::vector<int> sorted() const;

  private:
    int find(int fd) const;
    int place(int fd);
    void update_lowest();

    static constexpr int kNone = INT32_MAX;
    std::array<std::atomic<int>, kMax> owned_{kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
    std::atomic<int> lowest_{kNone};
};

}  // namespace wali
