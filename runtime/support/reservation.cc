// SPDX-License-Identifier: Apache-2.0
#include "support/reservation.h"

#include <sys/mman.h>

#include <atomic>
#include <utility>

namespace wasm {

namespace {

// Read by signal handlers, so: fixed storage, atomics, no lock. Blocks are added and never removed.
struct Live {
    std::atomic<uintptr_t> begin{0};
    std::atomic<uintptr_t> end{0};  // 0: free
};
constexpr int32_t kBlock = 1024;
constexpr int32_t kBlocks = 64;
std::atomic<Live*> g_blocks[kBlocks];
std::atomic<int32_t> g_used{0};  // entries ever used

Live& live(int32_t i) { return g_blocks[i / kBlock].load(std::memory_order_acquire)[i % kBlock]; }

int32_t list(uintptr_t begin, uintptr_t end) {
    for (int32_t i = 0; i < g_used.load(std::memory_order_acquire); ++i) {
        uintptr_t expected = 0;
        if (live(i).end.load(std::memory_order_relaxed) == 0 &&
            live(i).begin.compare_exchange_strong(expected, begin)) {
            live(i).end.store(end, std::memory_order_release);
            return i;
        }
    }
    int32_t i = g_used.load();
    do {
        if (i >= kBlock * kBlocks) return -1;
        std::atomic<Live*>& block = g_blocks[i / kBlock];
        if (block.load(std::memory_order_acquire) == nullptr) {
            auto* fresh = new Live[kBlock];
            Live* none = nullptr;
            if (!block.compare_exchange_strong(none, fresh)) delete[] fresh;
        }
    } while (!g_used.compare_exchange_weak(i, i + 1));
    live(i).begin.store(begin, std::memory_order_relaxed);
    live(i).end.store(end, std::memory_order_release);
    return i;
}

}  // namespace

std::optional<Reservation> Reservation::make(uint64_t bytes) {
    if (bytes == 0) bytes = 65536;
    void* p = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return std::nullopt;
    Reservation r;
    r.base_ = static_cast<std::byte*>(p);
    r.size_ = bytes;
    const auto begin = reinterpret_cast<uintptr_t>(p);
    r.entry_ = list(begin, begin + bytes);
    if (r.entry_ < 0) return std::nullopt;
    return r;
}

Reservation::Reservation(Reservation&& other) noexcept { *this = std::move(other); }

Reservation& Reservation::operator=(Reservation&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    std::swap(entry_, other.entry_);
    return *this;
}

Reservation::~Reservation() {
    if (base_ == nullptr) return;
    if (entry_ >= 0) {
        live(entry_).end.store(0, std::memory_order_relaxed);
        live(entry_).begin.store(0, std::memory_order_release);
    }
    munmap(base_, size_);
}

bool Reservation::commit(uint64_t begin, uint64_t end) const {
    return begin >= end || mprotect(base_ + begin, end - begin, PROT_READ | PROT_WRITE) == 0;
}

const std::byte* reservation_of(const void* address) {
    const auto a = reinterpret_cast<uintptr_t>(address);
    const int32_t used = g_used.load(std::memory_order_acquire);
    for (int32_t i = 0; i < used; ++i) {
        if (g_blocks[i / kBlock].load(std::memory_order_acquire) == nullptr) continue;
        const uintptr_t end = live(i).end.load(std::memory_order_acquire);
        const uintptr_t begin = live(i).begin.load(std::memory_order_acquire);
        if (end != 0 && a >= begin && a < end) return reinterpret_cast<const std::byte*>(begin);
    }
    return nullptr;
}

}  // namespace wasm
