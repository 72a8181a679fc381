// SPDX-License-Identifier: Apache-2.0
// The guest's address space: the mmap family on top of one linear memory. Guest mappings are real host mappings inside
// the memory's reservation, at 4 KiB granularity; what is not mapped is inaccessible, and never a hole in which a
// mapping of the host could land. Results are the kernel's: a value or -errno.
// Addresses and lengths are the guest's, 32-bit, unchecked. All members are thread-safe.
#pragma once

#include "page_book.h"

#include <wasm/fork.h>
#include <wasm/memory.h>

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wali {

inline constexpr int kGuestAccess = PROT_READ | PROT_WRITE;  // PROT_EXEC means nothing to a guest and is never given
inline constexpr int kDroppable = 8;                         // MAP_DROPPABLE: a type, as MAP_PRIVATE is

class AddressSpace final : public wasm::PageAllocator {
  public:
    AddressSpace() = default;
    ~AddressSpace() override;
    AddressSpace(const AddressSpace&) = delete;
    AddressSpace& operator=(const AddressSpace&) = delete;

    // Manages the pages of `memory` from now on, in [0, max_size()): what it covers now is the module's image.
    // The first `null_bytes` of it hold nothing: they become inaccessible, as far as they are whole pages.
    void attach(wasm::Memory memory, uint64_t null_bytes);
    // The same for plain bytes: [base, base + limit) is reserved, inaccessible private anonymous memory except for
    // the first `size` bytes. For tests.
    void manage(std::byte* base, uint64_t size, uint64_t limit, uint64_t null_bytes = 0);

    int64_t map(uint32_t address, uint32_t length, int prot, int flags, int fd, int64_t offset);
    int64_t unmap(uint32_t address, uint32_t length);
    int64_t remap(uint32_t old_address, uint32_t old_length, uint32_t new_length, int flags, uint32_t new_address);
    // remap_file_pages: other pages of the file that is mapped there, from page `page` of it.
    int64_t remap_pages(uint32_t address, uint32_t length, int prot, uint32_t page, int flags);
    int64_t protect(uint32_t address, uint32_t length, int prot);
    int64_t advise(uint32_t address, uint32_t length, int advice);
    int64_t sync(uint32_t address, uint32_t length, int flags);
    // mincore: one byte per page is written to the guest address `vec`.
    int64_t residency(uint32_t address, uint32_t length, uint32_t vec);
    int64_t lock(uint32_t address, uint32_t length, int flags);  // mlock2
    int64_t unlock(uint32_t address, uint32_t length);
    int64_t lock_all(int flags);  // of the guest's pages, not of the runtime's
    int64_t unlock_all();
    int64_t seal(uint32_t address, uint32_t length, uint64_t flags);  // mseal
    int64_t attach_segment(int id, uint32_t address, int flags);      // shmat
    int64_t detach_segment(uint32_t address);                         // shmdt

    // In the child of a fork, before anything else.
    void begin_child();

    bool allow_grow(uint64_t old_bytes, uint64_t new_bytes) override;

    // Bytes that may be mapped (RLIMIT_AS), and of them private and writable (RLIMIT_DATA).
    void set_limits(uint64_t mapped, uint64_t data);
    // Guest mappings and the gaps between them, at most: the host's max_map_count also serves the runtime itself.
    static constexpr uint64_t kShareOfMapCount = 4;  // all but a quarter
    void set_max_runs(size_t runs) { max_runs_ = runs; }
    size_t run_count() const;
    // Whether the guest has something there, accessible or not.
    bool is_mapped(uint64_t address) const;
    bool is_usable(uint64_t address) const;  // mapped, and it may be read or written
    bool is_null(uint64_t address) const;    // in what the program keeps free at NULL
    // What is mapped, in order; the kernel knows of which file.
    std::vector<PageRun> mappings() const;
    struct Usage {  // in bytes
        uint64_t mapped;
        uint64_t most_mapped;  // ever
        uint64_t data;         // private and writable
        uint64_t null_end;     // of what NULL points to
    };
    Usage usage() const;

  private:
    struct Range {  // page-aligned, end <= 2^32 + page
        uint64_t start;
        uint64_t end;
        uint64_t bytes() const { return end - start; }
    };
    struct Wanted {  // what mmap is asked for
        uint32_t length;
        int prot;
        int flags;
        int fd;
        int64_t offset;
    };
    struct Stage {  // a mapping outside of the reservation that is to be moved into it
        std::byte* at = nullptr;
        uint64_t bytes = 0;
        uint64_t alignment = kGuestPage;  // of the host's address
        int prot = PROT_NONE;
    };
    static Range range_of(uint32_t address, uint32_t length);
    std::byte* host(uint64_t address) const { return base_ + address; }
    bool too_many_runs() const { return book_.run_count() + 2 > max_runs_; }
    bool is_sealed(Range range) const;
    bool fits(uint64_t added, const PageUse& use) const;

    void guard_null(uint64_t bytes);
    int64_t place(uint32_t address, uint64_t bytes, int flags, uint64_t alignment = kGuestPage);
    int64_t find_room(uint64_t bytes, uint64_t alignment);
    int64_t map_at(Range range, const Wanted& wanted, const Stage& stage);
    int64_t map_anonymous(Range range, const PageUse& use, int flags);
    int64_t may_take(Range range, const PageUse& use) const;
    int64_t put(Range range, const Stage& stage, const PageUse& use);
    int64_t lock_if_asked(Range range, int flags);

    // address_space_host.cc
    long reserve(Range range) const;
    int64_t close(Range range) const;
    void drop(Range range) const;
    int64_t free_range(Range range);
    void give_up(Range range);
    int64_t renew(Range range);
    void renew_stale();
    static int64_t make_stage(const Wanted& wanted, Stage& stage);
    static int64_t measure_stage(std::byte* at, uint64_t bytes, Stage& stage);
    int64_t move_in(const Stage& stage, Range range, const PageUse& use);
    void fill_hole(Range range);

    int64_t remap_locked(Range from, uint64_t new_bytes, int flags, uint32_t new_address);
    int64_t shrink(Range& range, uint64_t bytes);
    int64_t grow_in_place(Range old_range, uint64_t new_bytes, const PageUse& use);
    int64_t continue_shared(Range from, Range tail);
    int64_t move(Range from, Range to, const PageUse& use, bool keep_old);
    int64_t move_pages(uint64_t from, uint64_t to, uint64_t bytes);
    int64_t move_and_resize(Range from, Range to);
    int64_t duplicate(uint64_t from, Range to);
    int64_t map_other_pages(Range range, uint32_t page, int flags);
    int64_t remap_to(Range old_range, Range new_range, const PageUse& use, int flags);
    int64_t publish(int64_t result, uint64_t bytes);  // makes memory.size cover it; not under the lock
    int64_t mark_locked(Range range, bool now);
    int64_t mark_unlocked(Range range);
    template <class F>
    int64_t on_mapped(Range range, F call);
    template <class F>
    int64_t change_mapped(Range range, F change);

    mutable wasm::ForkLock lock_{wasm::LockRank::AddressSpace};
    wasm::Memory memory_;
    std::byte* base_ = nullptr;
    PageBook book_;
    uint32_t next_mapping_ = 1;
    size_t max_runs_ = 0;
    std::atomic<uint64_t> max_mapped_ = UINT64_MAX;
    std::atomic<uint64_t> max_data_ = UINT64_MAX;
    int lock_future_ = 0;       // MCL_FUTURE and MCL_ONFAULT as the guest asked
    Traits some_in_child_ = 0;  // traits that mean something to a forked child: perhaps some page has them
};

}  // namespace wali
