// SPDX-License-Identifier: Apache-2.0
// mremap and remap_file_pages. The kernel's own cannot simply be passed through: growing in place would need a hole
// after the mapping, moving leaves one at the old place, and one guest mapping may be several host mappings.
#include "address_space.h"
#include "kernel.h"

#include <algorithm>
#include <cerrno>

namespace wali {

namespace {
constexpr int kMoveTo = MREMAP_MAYMOVE | MREMAP_FIXED;
}

int64_t AddressSpace::remap(
    uint32_t old_address, uint32_t old_length, uint32_t new_length, int flags, uint32_t new_address) {
    const bool keep_old = (flags & MREMAP_DONTUNMAP) != 0;
    if ((flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) != 0) return -EINVAL;
    if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 && (flags & MREMAP_MAYMOVE) == 0) return -EINVAL;
    if (!is_page_aligned(old_address) || new_length == 0) return -EINVAL;
    const Range from = range_of(old_address, old_length);
    const uint64_t new_bytes = page_round_up(new_length);
    if (keep_old && from.bytes() != new_bytes) return -EINVAL;
    int64_t result = 0;
    {
        const std::lock_guard guard(lock_);
        result = remap_locked(from, new_bytes, flags, new_address);
    }
    return publish(result, new_bytes);
}

int64_t AddressSpace::remap_locked(Range from, uint64_t new_bytes, int flags, uint32_t new_address) {
    const bool keep_old = (flags & MREMAP_DONTUNMAP) != 0;
    if (from.start >= book_.limit() || !book_.at(from.start).use.is_mapped()) return -EFAULT;
    const PageUse use = book_.at(from.start).use;
    if (from.bytes() == 0 && use.kind != PageKind::Shared) return -EINVAL;
    if (is_sealed({from.start, std::max(from.end, from.start + kGuestPage)})) return -EPERM;
    const uint64_t kept = keep_old ? 0 : from.bytes();
    if (new_bytes > kept && !fits(new_bytes - kept, use)) return -ENOMEM;
    if ((flags & MREMAP_FIXED) != 0) return remap_to(from, {new_address, new_address + new_bytes}, use, flags);
    if (!keep_old && new_bytes <= from.bytes()) {
        const int64_t shrunk = shrink(from, new_bytes);
        return shrunk < 0 ? shrunk : static_cast<int64_t>(from.start);
    }
    if (!book_.is_mapped(from.start, from.end) || book_.at(from.start).end < from.end) return -EFAULT;
    if (too_many_runs()) return -ENOMEM;
    int64_t result = keep_old || from.bytes() == 0 ? -ENOMEM : grow_in_place(from, new_bytes, use);
    if (result < 0 && (flags & MREMAP_MAYMOVE) != 0) {
        result = place(0, new_bytes, 0);
        if (result < 0) return result;
        const auto to = static_cast<uint64_t>(result);
        result = move(from, {to, to + new_bytes}, use, keep_old);
    }
    return result;
}

// Frees what follows the first `bytes`.
int64_t AddressSpace::shrink(Range& range, uint64_t bytes) {
    const Range tail{range.start + bytes, std::min(range.end, book_.limit())};
    if (tail.start < tail.end && !book_.is_free(tail.start, tail.end)) {
        const int64_t freed = free_range(tail);
        if (freed < 0) return freed;
    }
    range.end = tail.start;
    return 0;
}

int64_t AddressSpace::remap_to(Range from, Range to, const PageUse& use, int flags) {
    if (!is_page_aligned(to.start) || to.end > book_.limit()) return -EINVAL;
    if (from.end > to.start && to.end > from.start) return -EINVAL;
    if (to.start < book_.null_end()) return -EPERM;
    if (is_sealed(to)) return -EPERM;
    if (from.bytes() > to.bytes()) {  // shrinks first, as the kernel does
        const int64_t shrunk = shrink(from, to.bytes());
        if (shrunk < 0) return shrunk;
    }
    if (from.bytes() != 0 && (!book_.is_mapped(from.start, from.end) || book_.at(from.start).end < from.end)) {
        return -EFAULT;
    }
    if (too_many_runs()) return -ENOMEM;
    const int64_t renewed = renew(to);
    if (renewed < 0) return renewed;
    return move(from, to, use, (flags & MREMAP_DONTUNMAP) != 0);
}

int64_t AddressSpace::grow_in_place(Range from, uint64_t new_bytes, const PageUse& use) {
    const Range tail{from.end, from.start + new_bytes};
    if (tail.end > book_.limit() || !book_.is_free(tail.start, tail.end)) return -ENOMEM;
    int64_t result = -ENOMEM;
    if (use.kind == PageKind::Anon) {  // more of the same
        result = renew(tail);
        if (result >= 0) result = kernel(SYS_mprotect, host(tail.start), tail.bytes(), int{use.prot});
    } else if (use.kind == PageKind::Shared) {
        result = continue_shared(from, tail);
    }
    // A private mapping of a file could only be continued by moving all of it away and back, with pages that other
    // threads are writing to.
    if (result < 0) return -ENOMEM;
    book_.set(tail.start, tail.end, use);
    return static_cast<int64_t>(from.start);
}

// Maps what of the file follows. A second view of its last page, with more after it, is what the kernel makes of that.
int64_t AddressSpace::continue_shared(Range from, Range tail) {
    const uint64_t bytes = kGuestPage + tail.bytes();
    const long outside = kernel(SYS_mremap, host(from.end - kGuestPage), 0, bytes, MREMAP_MAYMOVE, nullptr);
    if (is_kernel_error(outside)) return outside;
    const long inside = kernel(SYS_mremap, outside + static_cast<long>(kGuestPage), tail.bytes(), tail.bytes(), kMoveTo,
                               host(tail.start));
    if (is_kernel_error(inside)) {
        kernel(SYS_munmap, outside, bytes);
        fill_hole(tail);
        return inside;
    }
    kernel(SYS_munmap, outside, kGuestPage);
    return 0;
}

// `to` is free and at least as large as `from`. An empty `from` asks for a second view of a shared mapping.
int64_t AddressSpace::move(Range from, Range to, const PageUse& use, bool keep_old) {
    int64_t result = 0;
    if (use.kind == PageKind::Anon) {
        const Range tail{to.start + from.bytes(), to.end};
        if (tail.bytes() != 0) result = renew(tail);
        if (result >= 0 && tail.bytes() != 0 && use.prot != PROT_NONE) {
            result = kernel(SYS_mprotect, host(tail.start), tail.bytes(), int{use.prot});
        }
        if (result >= 0) result = move_pages(from.start, to.start, from.bytes());
    } else if (use.kind == PageKind::Shared && from.bytes() != to.bytes()) {
        result = duplicate(from.start, to);
    } else {
        result = move_and_resize(from, to);
    }
    if (result < 0) {
        give_up(to);
        return result;
    }
    PageUse moved = use;
    if (use.mapping != 0) {
        moved.mapping = next_mapping_++;
        moved.origin = use.origin + (to.start - from.start);
    }
    book_.set(to.start, to.end, moved);
    if (from.bytes() != 0 && !keep_old) give_up(from);
    return static_cast<int64_t>(to.start);
}

// Takes pages out of the reservation (leaving the old range mapped, empty) and puts them where they go. What is one
// mapping to the guest may be several to the host, which refuses to move them together (EFAULT): then by halves.
int64_t AddressSpace::move_pages(uint64_t from, uint64_t to, uint64_t bytes) {
    const long outside = kernel(SYS_mremap, host(from), bytes, bytes, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, nullptr);
    if (outside == -EFAULT && bytes > kGuestPage) {
        const uint64_t half = bytes / 2 / kGuestPage * kGuestPage;
        const int64_t first = move_pages(from, to, half);
        if (first < 0) return first;
        const int64_t second = move_pages(from + half, to + half, bytes - half);
        if (second < 0) move_pages(to, from, half);
        return second;
    }
    if (is_kernel_error(outside)) return -ENOMEM;
    const long inside = kernel(SYS_mremap, outside, bytes, bytes, kMoveTo, host(to));
    if (!is_kernel_error(inside)) return 0;
    fill_hole({to, to + bytes});
    kernel(SYS_mremap, outside, bytes, bytes, kMoveTo, host(from));
    return -ENOMEM;
}

// For one file mapping, which only the kernel can extend.
int64_t AddressSpace::move_and_resize(Range from, Range to) {
    const long outside =
        kernel(SYS_mremap, host(from.start), from.bytes(), from.bytes(), MREMAP_MAYMOVE | MREMAP_DONTUNMAP, nullptr);
    if (is_kernel_error(outside)) return outside == -EFAULT ? -EFAULT : -ENOMEM;
    // It gets its size there: what can fail must not fail where it would leave a hole.
    const long grown = kernel(SYS_mremap, outside, from.bytes(), to.bytes(), MREMAP_MAYMOVE, nullptr);
    if (is_kernel_error(grown)) {
        kernel(SYS_mremap, outside, from.bytes(), from.bytes(), kMoveTo, host(from.start));
        return grown;
    }
    const long inside = kernel(SYS_mremap, grown, to.bytes(), to.bytes(), kMoveTo, host(to.start));
    if (!is_kernel_error(inside)) return 0;
    fill_hole(to);
    kernel(SYS_mremap, grown, from.bytes(), from.bytes(), kMoveTo, host(from.start));
    if (to.bytes() > from.bytes())
        kernel(SYS_munmap, grown + static_cast<long>(from.bytes()), to.bytes() - from.bytes());
    return inside;
}

// An old length of zero makes the kernel map the same pages of a shared mapping again.
int64_t AddressSpace::duplicate(uint64_t from, Range to) {
    const long outside = kernel(SYS_mremap, host(from), 0, to.bytes(), MREMAP_MAYMOVE, nullptr);
    if (is_kernel_error(outside)) return outside;
    const long inside = kernel(SYS_mremap, outside, to.bytes(), to.bytes(), kMoveTo, host(to.start));
    if (!is_kernel_error(inside)) return 0;
    fill_hole(to);
    kernel(SYS_munmap, outside, to.bytes());
    return inside;
}

int64_t AddressSpace::remap_pages(uint32_t address, uint32_t length, int prot, uint32_t page, int flags) {
    const uint64_t start = address - address % kGuestPage;
    const Range range{start, start + (length - length % kGuestPage)};
    if (range.bytes() == 0 || range.end > book_.limit() || prot != 0) return -EINVAL;
    const std::lock_guard guard(lock_);
    PageUse use = book_.at(range.start).use;
    bool one_mapping = true;
    book_.for_each(range.start, range.end, [&](const PageRun& run) {
        one_mapping &= run.use.mapping == use.mapping && run.use.prot == use.prot && run.use.traits == use.traits;
    });
    // Of a segment, the kernel has it detached for a moment, and perhaps ended; a copy of it would keep it.
    if (use.kind != PageKind::Shared || !one_mapping || use.has(kSegment)) return -EINVAL;
    if (use.has(kSealed)) return -EPERM;
    if (too_many_runs()) return -ENOMEM;
    const int64_t result = map_other_pages(range, page, flags);
    if (result < 0) return result;
    use.origin = range.start - uint64_t{page} * kGuestPage;
    book_.set(range.start, range.end, use);
    return 0;
}

// The kernel's own replaces a mapping, which may fail when the old one is gone: so it is given another view of the
// file.
int64_t AddressSpace::map_other_pages(Range range, uint32_t page, int flags) {
    const long outside = kernel(SYS_mremap, host(range.start), 0, range.bytes(), MREMAP_MAYMOVE, nullptr);
    if (is_kernel_error(outside)) return outside;
    const long remapped = kernel(SYS_remap_file_pages, outside, range.bytes(), 0, uint64_t{page}, flags);
    if (is_kernel_error(remapped)) {
        // After another error the view may be gone, and something of another thread be there.
        if (remapped == -EINVAL) kernel(SYS_munmap, outside, range.bytes());
        return remapped;
    }
    const long inside = kernel(SYS_mremap, outside, range.bytes(), range.bytes(), kMoveTo, host(range.start));
    if (!is_kernel_error(inside)) return 0;
    fill_hole(range);
    kernel(SYS_munmap, outside, range.bytes());
    return inside;
}

}  // namespace wali
