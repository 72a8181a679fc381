// SPDX-License-Identifier: Apache-2.0
// See page_book.h. Every operation is O(log n) in the number of runs it does not touch.
#include "page_book.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace wali {

PageBook::PageBook(uint64_t limit) : limit_(limit & ~(kGuestPage - 1)) {
    if (limit_ == 0) return;
    insert(0, limit_, PageUse{});
    set_null_end(null_end_);
}

void PageBook::set_null_end(uint64_t end) {
    null_end_ = end;
    set(0, end, PageUse{.kind = PageKind::Null});
}

// Adds `bytes` to what is counted of such pages; modulo 2^64, so that a negated number takes them away.
void PageBook::count(const PageUse& use, uint64_t bytes) {
    if (use.is_mapped()) mapped_bytes_ += bytes;
    if (use.is_data()) data_bytes_ += bytes;
    if (use.has(kStale)) stale_bytes_ += bytes;
}

void PageBook::insert(uint64_t start, uint64_t end, const PageUse& use) {
    if (use == PageUse{}) free_.emplace(end - start, start);
    count(use, end - start);
    runs_.emplace(start, Rest{end, use});
}

PageRun PageBook::take(Runs::iterator run) {
    const PageRun taken{run->first, run->second.end, run->second.use};
    if (taken.use == PageUse{}) free_.erase({taken.bytes(), taken.start});
    count(taken.use, -taken.bytes());
    runs_.erase(run);
    return taken;
}

void PageBook::split(uint64_t address) {
    if (address == limit_) return;
    const auto run = std::prev(runs_.upper_bound(address));
    if (run->first == address) return;
    const PageRun whole = take(run);
    insert(whole.start, address, whole.use);
    insert(address, whole.end, whole.use);
}

void PageBook::merge_with_previous(uint64_t start) {
    const auto run = runs_.find(start);
    if (run == runs_.end() || run == runs_.begin()) return;
    const auto previous = std::prev(run);
    if (previous->second.use != run->second.use) return;
    const uint64_t end = take(run).end;
    const PageRun before = take(previous);
    insert(before.start, end, before.use);
}

void PageBook::set(uint64_t start, uint64_t end, const PageUse& use) {
    assert(start < end && end <= limit_ && is_page_aligned(start) && is_page_aligned(end));
    split(start);
    split(end);
    for (uint64_t gone = start; gone < end;) gone = take(runs_.find(gone)).end;
    insert(start, end, use);
    most_mapped_bytes_ = std::max(most_mapped_bytes_, mapped_bytes_);
    merge_with_previous(end);
    merge_with_previous(start);
}

PageRun PageBook::at(uint64_t address) const {
    assert(address < limit_);
    const auto run = std::prev(runs_.upper_bound(address));
    return {run->first, run->second.end, run->second.use};
}

bool PageBook::is_untouched(uint64_t start, uint64_t end) const {
    if (end > limit_) return false;
    const PageRun run = at(start);
    return run.use == PageUse{} && run.end >= end;
}

bool PageBook::is_free(uint64_t start, uint64_t end) const {
    if (end > limit_) return false;
    for (uint64_t address = start; address < end;) {
        const PageRun run = at(address);
        if (!run.use.is_free()) return false;
        address = run.end;
    }
    return true;
}

bool PageBook::is_mapped(uint64_t start, uint64_t end) const {
    if (end > limit_) return false;
    for (uint64_t address = start; address < end;) {
        const PageRun run = at(address);
        if (!run.use.is_mapped()) return false;
        address = run.end;
    }
    return true;
}

std::optional<uint64_t> PageBook::find_free(uint64_t bytes) const {
    const auto found = free_.lower_bound({bytes, 0});
    if (found == free_.end()) return std::nullopt;
    return found->second;
}

}  // namespace wali
