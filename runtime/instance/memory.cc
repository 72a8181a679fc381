// SPDX-License-Identifier: Apache-2.0
#include "instance/memory_data.h"
#include "instance/objects.h"
#include "support/fault_guard.h"

#include <sys/mman.h>

#include <algorithm>

namespace wasm {

namespace {
constexpr uint64_t kMaxMemory32 = uint64_t{1} << 32;

// The largest reservation the system grants between what is needed now and what the memory may grow to.
std::optional<Reservation> reserve_without_guard(uint64_t need, uint64_t want) {
    for (uint64_t bytes = want; bytes > need; bytes = bytes / 2) {
        if (auto r = Reservation::make(std::max(bytes, need))) return r;
    }
    return Reservation::make(need);
}
}  // namespace

Result<std::unique_ptr<MemoryData>> make_memory_data(const MemoryType& type, uint64_t max_bytes, bool force_checks) {
    auto memory = std::make_unique<MemoryData>();
    memory->type = type;
    const uint64_t initial = type.limits.min << type.page_size_log2;
    const uint64_t declared = type.limits.max ? *type.limits.max << type.page_size_log2 : kMaxMemory32;
    memory->max = std::min({declared, kMaxMemory32, max_bytes});
    if (initial > memory->max) {
        // What the embedder allows is a matter of this run, not of the module.
        const ErrorKind kind = initial > max_bytes ? ErrorKind::Resource : ErrorKind::Limit;
        return Error{
            kind, "memory of " + std::to_string(initial) + " bytes exceeds the limit of " + std::to_string(memory->max),
            {},   {},
            {},   {}};
    }
    std::optional<Reservation> reservation;
    if (!force_checks) reservation = Reservation::make(MemoryData::kGuardedBytes);
    if (!reservation) reservation = reserve_without_guard(initial, memory->max);
    if (!reservation || !reservation->commit(0, initial)) {
        return Error{ErrorKind::Resource,
                     "the system refuses a memory of " + std::to_string(initial) + " bytes",
                     {},
                     {},
                     {},
                     {}};
    }
    memory->reservation = std::move(*reservation);
    memory->max = std::min(memory->max, memory->reservation.size());
    memory->size = initial;
    return memory;
}

std::optional<uint64_t> MemoryData::grow(uint64_t delta_pages) {
    const std::lock_guard lock(grow_lock);
    const uint64_t old_bytes = size.load(std::memory_order_relaxed);
    const uint64_t old_pages = old_bytes >> type.page_size_log2;
    if (delta_pages > (max - old_bytes) >> type.page_size_log2) return std::nullopt;
    const uint64_t new_bytes = old_bytes + (delta_pages << type.page_size_log2);
    if (allocator != nullptr && delta_pages != 0 && !allocator->allow_grow(old_bytes, new_bytes)) return std::nullopt;
    if (!reservation.commit(old_bytes, new_bytes)) return std::nullopt;
    size.store(new_bytes, std::memory_order_release);
    return old_pages;
}

[[gnu::hot]] std::byte* Memory::base() const { return data_->base(); }
uint64_t Memory::size() const { return data_->size.load(std::memory_order_acquire); }
uint64_t Memory::max_size() const { return data_->max; }
[[gnu::hot]] uint64_t Memory::reserved() const { return data_->is_guarded() ? data_->reservation.size() : 0; }
const MemoryType& Memory::type() const { return data_->type; }
std::optional<uint64_t> Memory::grow(uint64_t pages) const { return data_->grow(pages); }

bool Memory::extend_to(uint64_t bytes) const {
    const std::lock_guard lock(data_->grow_lock);
    const uint64_t page = uint64_t{1} << data_->type.page_size_log2;
    const uint64_t rounded = (bytes + page - 1) & ~(page - 1);
    if (rounded > data_->max) return false;
    if (rounded > data_->size.load(std::memory_order_relaxed)) data_->size.store(rounded, std::memory_order_release);
    return true;
}

void Memory::set_page_allocator(PageAllocator* allocator) const { data_->allocator = allocator; }

[[gnu::hot]] bool Memory::read(GuestAddr from, void* to, uint64_t bytes) const {
    const std::byte* p = at(from, bytes);
    return p != nullptr && guarded_copy(to, p, bytes);
}
[[gnu::hot]] bool Memory::write(GuestAddr to, const void* from, uint64_t bytes) const {
    std::byte* p = at(to, bytes);
    return p != nullptr && guarded_copy(p, from, bytes);
}

std::optional<std::string> Memory::load_string(GuestAddr a, uint32_t max_bytes) const {
    std::string text;
    char piece[256];
    uint64_t at_byte = raw(a);
    while (text.size() < max_bytes) {
        // Up to the next page boundary, so that a string may end right before an inaccessible page.
        uint64_t n = std::min<uint64_t>(sizeof piece, 4096 - at_byte % 4096);
        n = std::min<uint64_t>(n, max_bytes - text.size());
        if (at_byte >= size()) return std::nullopt;
        n = std::min(n, size() - at_byte);
        if (!read(GuestAddr{static_cast<uint32_t>(at_byte)}, piece, n)) return std::nullopt;
        const void* end = std::memchr(piece, 0, n);
        if (end != nullptr) return text.append(piece, static_cast<size_t>(static_cast<const char*>(end) - piece));
        text.append(piece, n);
        at_byte += n;
    }
    return std::nullopt;
}

}  // namespace wasm
