// SPDX-License-Identifier: Apache-2.0
// Which guest pages are in use, and as what: pure book-keeping, no memory is touched here.
// Runs of equal pages tile the whole space, free ones included. What makes the host split its mappings is part of a
// page's use, so the number of runs bounds the number of host mappings that the guest can cause.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace wali {

inline constexpr uint64_t kGuestPage = 4096;  // what WALI guests assume, whatever the host or Wasm page size
constexpr uint64_t page_round_up(uint64_t bytes) { return (bytes + kGuestPage - 1) & ~(kGuestPage - 1); }
constexpr bool is_page_aligned(uint64_t address) { return address % kGuestPage == 0; }

enum class PageKind : uint8_t {
    Free,     // nothing there: the host has inaccessible anonymous pages
    Anon,     // private anonymous memory, the module's own image included
    Private,  // private mapping of a file, or of memory that is not just zero pages
    Shared,   // shared mapping, of a file or anonymous
    Null,     // what NULL points to: neither mapped nor ever free
};

using Traits = uint16_t;
inline constexpr Traits kStale = 1 << 0;  // free, but the host has something else there than untouched reserved pages
inline constexpr Traits kDontFork = 1 << 1;  // MADV_DONTFORK: vanishes in a forked child
inline constexpr Traits kSealed = 1 << 2;    // mseal
inline constexpr Traits kLocked = 1 << 3;    // mlock
inline constexpr Traits kOnFault = 1 << 4;   // with MLOCK_ONFAULT
inline constexpr Traits kSegment = 1 << 5;   // an attached System V segment
// madvise's:
inline constexpr Traits kDontDump = 1 << 6;
inline constexpr Traits kWipeOnFork = 1 << 7;
inline constexpr Traits kMergeable = 1 << 8;
inline constexpr Traits kHugePage = 1 << 9;
inline constexpr Traits kNoHugePage = 1 << 10;
inline constexpr Traits kRandom = 1 << 11;
inline constexpr Traits kSequential = 1 << 12;

struct PageUse {
    PageKind kind = PageKind::Free;
    uint8_t prot = 0;  // PROT_READ | PROT_WRITE
    Traits traits = 0;
    uint32_t mapping = 0;  // serial of a file or shared mapping; 0 for Free and Anon, which merge with their like
    // Of a file or shared mapping: the address at which its first byte lies or would lie, modulo 2^64.
    uint64_t origin = 0;
    bool operator==(const PageUse&) const = default;
    bool is_free() const { return kind == PageKind::Free; }
    bool is_mapped() const { return kind != PageKind::Free && kind != PageKind::Null; }
    bool has(Traits trait) const { return (traits & trait) != 0; }
    // What RLIMIT_DATA counts.
    bool is_data() const { return (kind == PageKind::Anon || kind == PageKind::Private) && (prot & 2) != 0; }
};

struct PageRun {
    uint64_t start = 0;
    uint64_t end = 0;
    PageUse use;
    uint64_t bytes() const { return end - start; }
};

class PageBook {
  public:
    // [0, limit), all free but for [0, null_end()).
    explicit PageBook(uint64_t limit = 0);
    // Makes more than the first page what NULL points to.
    void set_null_end(uint64_t end);
    uint64_t null_end() const { return null_end_; }

    void set(uint64_t start, uint64_t end, const PageUse& use);
    // The run that contains `address`; `address` must be below limit().
    PageRun at(uint64_t address) const;
    bool is_free(uint64_t start, uint64_t end) const;
    // Free, and as the reservation was made: accessible as soon as it is made so.
    bool is_untouched(uint64_t start, uint64_t end) const;
    // All of [start, end) is mapped, as whatever.
    bool is_mapped(uint64_t start, uint64_t end) const;
    // The smallest untouched run that holds `bytes`; the lowest of several. nullopt: none does.
    std::optional<uint64_t> find_free(uint64_t bytes) const;

    // Calls fn(run) for all parts of [start, end), in order.
    template <class F>
    void for_each(uint64_t start, uint64_t end, F fn) const {
        for (uint64_t at_address = start; at_address < end && at_address < limit_;) {
            PageRun run = at(at_address);
            run.start = at_address;
            run.end = run.end < end ? run.end : end;
            fn(run);
            at_address = run.end;
        }
    }
    // The same for the parts that are mapped.
    template <class F>
    void for_each_mapped(uint64_t start, uint64_t end, F fn) const {
        for_each(start, end, [&](const PageRun& run) {
            if (run.use.is_mapped()) fn(run);
        });
    }

    uint64_t limit() const { return limit_; }
    size_t run_count() const { return runs_.size(); }
    uint64_t mapped_bytes() const { return mapped_bytes_; }
    uint64_t most_mapped_bytes() const { return most_mapped_bytes_; }  // ever
    uint64_t data_bytes() const { return data_bytes_; }
    uint64_t stale_bytes() const { return stale_bytes_; }

  private:
    struct Rest {  // of a run: its start is the key
        uint64_t end;
        PageUse use;
    };
    using Runs = std::map<uint64_t, Rest>;
    void insert(uint64_t start, uint64_t end, const PageUse& use);
    PageRun take(Runs::iterator run);  // removes it
    void count(const PageUse& use, uint64_t bytes);
    void split(uint64_t address);  // makes a run start there
    void merge_with_previous(uint64_t start);

    uint64_t limit_;
    uint64_t null_end_ = kGuestPage;
    uint64_t mapped_bytes_ = 0;
    uint64_t most_mapped_bytes_ = 0;
    uint64_t data_bytes_ = 0;
    uint64_t stale_bytes_ = 0;
    Runs runs_;
    std::set<std::pair<uint64_t, uint64_t>> free_;  // (bytes, start) of the untouched runs
};

}  // namespace wali
