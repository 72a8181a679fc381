// SPDX-License-Identifier: Apache-2.0
// Keeping our descriptors high, close-on-exec and unreachable. Numbers stay below 1024 (and below the limit), because
// every fork copies the descriptor table up to the highest number in use.
#include "fd_guard.h"

#include "kernel.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>

namespace wali {

namespace {
constexpr int kCeiling = 1024;
}

int FdGuard::find(int fd) const {
    for (size_t i = 0; i < kMax; ++i) {
        if (owned_[i].load(std::memory_order_relaxed) == fd) return static_cast<int>(i);
    }
    return -1;
}

// A copy of `fd` at the highest free number; -1 when the limit leaves no room at all.
int FdGuard::place(int fd) {
    rlimit limit{};
    kernel(SYS_getrlimit, RLIMIT_NOFILE, &limit);
    const int ceiling = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, kCeiling));
    for (int n = ceiling - 1; n > 2; --n) {
        if (kernel(SYS_fcntl, n, F_GETFD) != -EBADF) continue;
        const long copy = kernel(SYS_fcntl, fd, F_DUPFD_CLOEXEC, n);
        if (copy >= 0) return static_cast<int>(copy);
    }
    return -1;
}

int FdGuard::adopt(int fd) {
    const int slot = find(kNone);
    const int high = slot >= 0 ? place(fd) : -1;
    kernel(SYS_close, fd);
    if (high < 0) return -1;
    owned_[static_cast<size_t>(slot)].store(high);
    update_lowest();
    return slot;
}

void FdGuard::release(int handle) {
    const int fd = owned_[static_cast<size_t>(handle)].exchange(kNone);
    update_lowest();
    kernel(SYS_close, fd);
}

void FdGuard::evacuate(int fd) {
    const int slot = owns(fd) ? find(fd) : -1;
    if (slot < 0) return;
    const int moved = place(fd);
    owned_[static_cast<size_t>(slot)].store(moved < 0 ? kNone : moved);
    update_lowest();
    kernel(SYS_close, fd);
}

std::vector<int> FdGuard::sorted() const {
    std::vector<int> fds;
    for (const auto& fd : owned_) {
        if (fd.load() != kNone) fds.push_back(fd.load());
    }
    std::ranges::sort(fds);
    return fds;
}

void FdGuard::update_lowest() {
    int lowest = kNone;
    for (const auto& fd : owned_) lowest = std::min(lowest, fd.load());
    lowest_.store(lowest, std::memory_order_release);
}

}  // namespace wali
