// SPDX-License-Identifier: Apache-2.0
// The runtime's own descriptors, out of the guest's reach: every descriptor a guest passes is looked up here, and one
// of ours reads as "not open". Daemons that close everything do us no harm and notice nothing.
// What stays open has numbers from the guest's limit on, where the host permits that: then the guest can have as many
// descriptors as its limit says. But none is far beyond 1024: every fork copies the descriptor table up to the highest
// number in use.
#pragma once

#include <wasm/fork.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wali {

class FdGuard {
  public:
    static constexpr int kCeiling = 1024 + 64;

    // For as long as the process lives. Moves `fd` to a high number (close-on-exec). Returns a handle, because the
    // number makes way when the guest wants it; -1 when there is no room (then `fd` is closed).
    int adopt(int fd);
    int number(int handle) const { return kept_[static_cast<size_t>(handle)].load(std::memory_order_relaxed); }
    // As long as this is held, no number changes.
    std::unique_lock<wasm::ForkLock> stay() { return std::unique_lock(moving_); }
    // Closes and forgets it.
    void release(int handle);

    // For a moment. A copy of `fd` at a high number that does not move until it is unpinned; -1 when there is no room.
    int pin(int fd);
    void unpin(int number);
    // The same for long, until unpin(); the child of a fork has it too.
    int fix(int fd);

    // While it lives, none of these numbers becomes ours: a call of the guest is about to close or replace what is
    // there, and must not find a descriptor of ours that has come in between.
    class Hold {
      public:
        Hold(FdGuard& guard, uint32_t first, uint32_t last);
        Hold(FdGuard& guard, int32_t number)
            : Hold(guard, static_cast<uint32_t>(number), static_cast<uint32_t>(number)) {}
        ~Hold();
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

      private:
        FdGuard& guard_;
        uint32_t first_, end_;
    };

    // A guest puts something at `number` (dup2) by calling `put`: if the number is ours, ours moves elsewhere; none of
    // ours comes there in the meantime. False, and nothing is put: it is pinned.
    template <class Put>
    bool give_way(int number, Put put) {
        const std::lock_guard lock(moving_);
        if (!make_way(number)) return false;
        put();
        return true;
    }

    bool owns(int fd) const { return static_cast<unsigned>(fd) < kCeiling && test(owned_, fd); }
    std::vector<int> sorted() const;

    // In the child of a fork: what other threads had pinned or held.
    void drop_others();

  private:
    using Bits = std::array<std::atomic<uint64_t>, kCeiling / 64>;
    static bool test(const Bits& bits, int n) {
        return (bits[static_cast<size_t>(n) / 64].load(std::memory_order_acquire) >> (n % 64) & 1) != 0;
    }
    static bool set(Bits& bits, int n);  // false if it was set
    static void clear(Bits& bits, int n);
    // With the lock held:
    int place(int fd);         // among the guest's numbers
    int place_beyond(int fd);  // where the guest can have none
    int place_between(int fd, int first, int end);
    bool make_way(int number);

    static constexpr int kNone = -1;
    Bits owned_{};
    Bits pinned_{};
    std::array<std::atomic<uint32_t>, kCeiling> held_{};
    wasm::ForkLock moving_{wasm::LockRank::Descriptors};  // of kept descriptors
    std::array<std::atomic<int>, 8> kept_{kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
};

}  // namespace wali
