// SPDX-License-Identifier: Apache-2.0
// The folder /proc/self/fd as the kernel has it, whatever the guest mounts over /proc or makes its root: through it a
// file that has been found is opened, by the number at which FdGuard keeps it.
// It is looked for while nobody could interfere, before the process gets a second thread; and before it gets another
// root, where there may be no /proc.
#pragma once

#include "fd_guard.h"

#include <atomic>

namespace wali {

class OwnLinks {
  public:
    explicit OwnLinks(FdGuard& fds) : fds_(fds) {}

    // The process has one thread: finds the folder, if that has not been done.
    void find();
    // The process has one thread and another root: what is there is used from now on, if there is anything.
    void find_in_new_root();
    // In the child of a fork, which has a folder of its own.
    void forget();
    // -1: there is none to be had.
    int folder() const { return folder_.load(std::memory_order_relaxed); }

  private:
    int look();

    FdGuard& fds_;
    std::atomic<int> folder_{-1};
};

}  // namespace wali
