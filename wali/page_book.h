// SPDX-License-Identifier: Apache-2.0
// Which guest pages are in use, and as what: pure book-keeping, no memory is touched here.
// Runs of equal pages tile the whole space, free ones included, so the number of runs bounds the number of host
// mappings that the guest can cause.
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
    Private,  // private mapping of a file
    Shared,   // shared mapping, of a file or anonymous
    Null,     // what NULL points to: neither mapped nor ever free
};

struct PageUse {
    PageKind kind = PageKind::Free;
    uint8_t prot = 0;        // PROT_READ | PROT_WRITE
    bool dont_fork = false;  // MADV_DONTFORK: vanishes in a forked child
    uint32_t mapping = 0;    // serial of a file or shared mapping; 0 for Free and Anon, which merge with their like
    bool operator==(const PageUse&) const = default;
    bool is_free() const { return kind == PageKind::Free; }
    bool is_mapped() const { return kind != PageKind::Free && kind != PageKind::Null; }
};

struct PageRun {
    uint64_t start = 0;
    uint64_t end = 0;
    PageUse use;
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
    // All of [start, end) is mapped, as whatever.
    bool is_mapped(uint64_t start, uint64_t end) const;
    // The smallest free run that holds `bytes`; the lowest of several. nullopt: none does.
    std::optional<uint64_t> find_free(uint64_t bytes) const;

    // Calls fn(run) for the parts of [start, end) that are mapped, in order.
    template <class F>
    void for_each_mapped(uint64_t start, uint64_t end, F fn) const {
        for (uint64_t at_address = start; at_address < end && at_address < limit_;) {
            PageRun run = at(at_address);
            run.start = at_address;
            run.end = run.end < end ? run.end : end;
            if (run.use.is_mapped()) fn(run);
            at_address = run.end;
        }
    }

    uint64_t limit() const { return limit_; }
    size_t run_count() const { return runs_.size(); }

  private:
    struct Rest {  // of a run: its start is the key
        uint64_t end;
        PageUse use;
    };
    using Runs = std::map<uint64_t, Rest>;
    void insert(uint64_t start, uint64_t end, const PageUse& use);
    PageRun take(Runs::iterator run);  // removes it
    void split(uint64_t address);      // makes a run start there
    void merge_with_previous(uint64_t start);

    uint64_t limit_;
    uint64_t null_end_ = kGuestPage;
    Runs runs_;
    std::set<std::pair<uint64_t, uint64_t>> free_;  // (bytes, start) of the free runs
};

}  // namespace wali
