// SPDX-License-Identifier: Apache-2.0
#include "fd_guard.h"

#include "kernel.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>

namespace wali {

bool FdGuard::set(Bits& bits, int n) {
    const uint64_t bit = uint64_t{1} << (n % 64);
    return (bits[static_cast<size_t>(n) / 64].fetch_or(bit) & bit) == 0;
}

void FdGuard::clear(Bits& bits, int n) { bits[static_cast<size_t>(n) / 64].fetch_and(~(uint64_t{1} << (n % 64))); }

// A copy of `fd` at the highest free number, ours from before it exists; -1 when there is none.
int FdGuard::place_between(int fd, int first, int end) {
    for (int n = end - 1; n >= first; --n) {
        if (owns(n) || kernel(SYS_fcntl, n, F_GETFD) != -EBADF || !set(owned_, n)) continue;
        // Ours first, then the look at who holds it; in Hold the other way round: one of the two sees the other.
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (held_[static_cast<size_t>(n)].load(std::memory_order_relaxed) != 0) {
            clear(owned_, n);
            continue;
        }
        const long copy = kernel(SYS_fcntl, fd, F_DUPFD_CLOEXEC, n);
        if (copy == n) return n;
        clear(owned_, n);
        if (copy < 0) return -1;
        kernel(SYS_close, copy);  // the guest took n meanwhile
    }
    return -1;
}

int FdGuard::place(int fd) {
    rlimit limit{};
    kernel(SYS_getrlimit, RLIMIT_NOFILE, &limit);
    constexpr int kLowest = 3;
    return place_between(fd, kLowest, static_cast<int>(std::min<rlim_t>(limit.rlim_cur, kCeiling)));
}

// The limit counts at the moment when a descriptor is made.
int FdGuard::place_beyond(int fd) {
    rlimit limit{};
    kernel(SYS_getrlimit, RLIMIT_NOFILE, &limit);
    const rlimit raised{std::min<rlim_t>(limit.rlim_max, kCeiling), limit.rlim_max};
    if (raised.rlim_cur <= limit.rlim_cur) return -1;
    if (kernel(SYS_setrlimit, RLIMIT_NOFILE, &raised) != 0) return -1;
    const int placed = place_between(fd, static_cast<int>(limit.rlim_cur), static_cast<int>(raised.rlim_cur));
    kernel(SYS_setrlimit, RLIMIT_NOFILE, &limit);
    return placed;
}

FdGuard::Hold::Hold(FdGuard& guard, uint32_t first, uint32_t last)
    : guard_(guard), first_(first), end_(std::min<uint32_t>(last, kCeiling - 1) + 1) {
    for (uint32_t n = first_; n < end_; ++n) guard_.held_[n].fetch_add(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}
FdGuard::Hold::~Hold() {
    for (uint32_t n = first_; n < end_; ++n) guard_.held_[n].fetch_sub(1, std::memory_order_relaxed);
}

int FdGuard::adopt(int fd) {
    const std::lock_guard lock(moving_);
    const auto slot = std::ranges::find(kept_, kNone, [](const auto& n) { return n.load(); });
    int high = slot != kept_.end() ? place_beyond(fd) : -1;
    if (high < 0 && slot != kept_.end()) high = place(fd);
    kernel(SYS_close, fd);
    if (high < 0) return -1;
    slot->store(high);
    return static_cast<int>(slot - kept_.begin());
}

void FdGuard::release(int handle) {
    const std::lock_guard lock(moving_);
    const int fd = kept_[static_cast<size_t>(handle)].exchange(kNone);
    if (fd < 0) return;
    kernel(SYS_close, fd);
    clear(owned_, fd);
}

int FdGuard::pin(int fd) {
    const std::lock_guard lock(moving_);
    int high = place(fd);
    if (high < 0) high = place_beyond(fd);  // the guest may have the last number of its own
    if (high >= 0) set(pinned_, high);
    return high;
}

int FdGuard::fix(int fd) {
    const std::lock_guard lock(moving_);
    const int high = place_beyond(fd);
    return high >= 0 ? high : place(fd);
}

void FdGuard::unpin(int number) {
    kernel(SYS_close, number);
    clear(pinned_, number);
    clear(owned_, number);
}

bool FdGuard::make_way(int number) {
    if (!owns(number)) return true;
    const auto slot = std::ranges::find(kept_, number, [](const auto& n) { return n.load(); });
    if (slot == kept_.end()) return !owns(number);
    slot->store(place(number));  // without room it is given up: the guest comes first
    kernel(SYS_close, number);
    clear(owned_, number);
    return true;
}

std::vector<int> FdGuard::sorted() const {
    std::vector<int> fds;
    for (int n = 0; n < kCeiling; ++n) {
        if (owns(n)) fds.push_back(n);
    }
    return fds;
}

void FdGuard::drop_others() {
    for (auto& count : held_) count.store(0, std::memory_order_relaxed);
    for (int n = 0; n < kCeiling; ++n) {
        if (test(pinned_, n)) unpin(n);
    }
}

}  // namespace wali
