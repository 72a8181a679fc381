// SPDX-License-Identifier: Apache-2.0
// mremap. The kernel's own cannot simply be passed through: growing in place would need a hole behind the mapping,
// moving leaves one at the old place, and one guest mapping may be several host mappings.
#include "address_space.h"
#include "kernel.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

namespace wali {

namespace {
constexpr int kMoveTo = MREMAP_MAYMOVE | MREMAP_FIXED;
}

int64_t AddressSpace::remap(
    uint32_t old_address, uint32_t old_length, uint32_t new_length, int flags, uint32_t new_address) {
    const bool to_given = (flags & MREMAP_FIXED) != 0;
    const bool keep_old = (flags & MREMAP_DONTUNMAP) != 0;
    if ((flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) != 0) return -EINVAL;
    if ((to_given || keep_old) && (flags & MREMAP_MAYMOVE) == 0) return -EINVAL;
    if (!is_page_aligned(old_address) || new_length == 0) return -EINVAL;
    const Range from = range_of(old_address, old_length);
    const uint64_t new_bytes = page_round_up(new_length);
    if (keep_old && from.bytes() != new_bytes) return -EINVAL;
    int64_t result = 0;
    {
        const std::lock_guard guard(lock_);
        if (from.start >= book_.limit() || !book_.at(from.start).use.is_mapped()) return -EFAULT;
        const PageUse use = book_.at(from.start).use;
        if (from.bytes() == 0 && use.kind != PageKind::Shared) return -EINVAL;
        if (to_given) {
            const Range to = range_of(new_address, new_length);
            result = remap_to(from, to, use, flags);
        } else if (!keep_old && new_bytes <= from.bytes()) {
            const Range tail{from.start + new_bytes, std::min(from.end, book_.limit())};
            if (tail.start < tail.end && !book_.is_free(tail.start, tail.end)) put_back(tail);
            result = static_cast<int64_t>(from.start);
        } else {
            if (!book_.is_mapped(from.start, from.end) || book_.at(from.start).end < from.end) return -EFAULT;
            if (too_many_runs()) return -ENOMEM;
            result = keep_old || from.bytes() == 0 ? -ENOMEM : grow_in_place(from, new_bytes, use);
            if (result < 0 && (flags & MREMAP_MAYMOVE) != 0) {
                const auto found = book_.find_free(new_bytes);
                result = found ? move(from, {*found, *found + new_bytes}, use, keep_old) : -ENOMEM;
            }
        }
    }
    return publish(result, new_bytes);
}

int64_t AddressSpace::remap_to(Range from, Range to, const PageUse& use, int flags) {
    if (!is_page_aligned(to.start) || to.end > book_.limit()) return -EINVAL;
    if (from.end > to.start && to.end > from.start) return -EINVAL;
    if (to.start < book_.null_end()) return -EPERM;
    if (from.bytes() > to.bytes()) {  // shrinks first, as the kernel does
        const Range tail{from.start + to.bytes(), std::min(from.end, book_.limit())};
        if (tail.start < tail.end && !book_.is_free(tail.start, tail.end)) put_back(tail);
        from.end = tail.start;
    }
    if (from.bytes() != 0 && (!book_.is_mapped(from.start, from.end) || book_.at(from.start).end < from.end)) {
        return -EFAULT;
    }
    if (too_many_runs()) return -ENOMEM;
    if (!book_.is_free(to.start, to.end)) put_back(to);
    return move(from, to, use, (flags & MREMAP_DONTUNMAP) != 0);
}

// Only private anonymous memory can be continued by mapping more of the same behind it.
int64_t AddressSpace::grow_in_place(Range from, uint64_t new_bytes, const PageUse& use) {
    const Range tail{from.end, from.start + new_bytes};
    if (use.kind != PageKind::Anon || tail.end > book_.limit() || !book_.is_free(tail.start, tail.end)) return -ENOMEM;
    const long result = kernel(SYS_mprotect, host(tail.start), tail.bytes(), int{use.prot});
    if (is_kernel_error(result)) return -ENOMEM;
    book_.set(tail.start, tail.end, use);
    return static_cast<int64_t>(from.start);
}

// `to` is free and at least as large as `from`. An empty `from` asks for a second view of a shared mapping.
int64_t AddressSpace::move(Range from, Range to, const PageUse& use, bool keep_old) {
    int64_t result = 0;
    if (use.kind == PageKind::Anon) {
        result = move_pages(from.start, to.start, from.bytes());
        const Range tail{to.start + from.bytes(), to.end};
        if (result >= 0 && tail.bytes() != 0 && use.prot != PROT_NONE) {
            result = kernel(SYS_mprotect, host(tail.start), tail.bytes(), int{use.prot});
        }
    } else if (use.kind == PageKind::Shared && from.bytes() != to.bytes()) {
        result = duplicate(from.start, to);
    } else {
        result = move_and_resize(from, to);
    }
    if (result < 0) {
        put_back(to);
        return result;
    }
    PageUse moved = use;
    if (use.mapping != 0) moved.mapping = next_mapping_++;
    book_.set(to.start, to.end, moved);
    if (from.bytes() != 0 && !keep_old) put_back(from);
    return static_cast<int64_t>(to.start);
}

// Takes pages out of the reservation (leaving the old range mapped, empty) and puts them where they go. What is one
// mapping to the guest may be several to the host, which refuses to move them together (EFAULT): then by halves.
int64_t AddressSpace::move_pages(uint64_t from, uint64_t to, uint64_t bytes) {
    const long outside = kernel(SYS_mremap, host(from), bytes, bytes, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, nullptr);
    if (outside == -EFAULT && bytes > kGuestPage) {
        const uint64_t half = bytes / 2 / kGuestPage * kGuestPage;
        const int64_t first = move_pages(from, to, half);
        return first < 0 ? first : move_pages(from + half, to + half, bytes - half);
    }
    if (is_kernel_error(outside)) return -ENOMEM;
    const long inside = kernel(SYS_mremap, outside, bytes, bytes, kMoveTo, host(to));
    return is_kernel_error(inside) ? -ENOMEM : 0;
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
    kernel(SYS_munmap, grown, to.bytes());
    return inside;
}

// An old length of zero makes the kernel map the same pages of a shared mapping again.
int64_t AddressSpace::duplicate(uint64_t from, Range to) {
    const long outside = kernel(SYS_mremap, host(from), 0, to.bytes(), MREMAP_MAYMOVE, nullptr);
    if (is_kernel_error(outside)) return outside;
    const long inside = kernel(SYS_mremap, outside, to.bytes(), to.bytes(), kMoveTo, host(to.start));
    if (!is_kernel_error(inside)) return 0;
    kernel(SYS_munmap, outside, to.bytes());
    return inside;
}

}  // namespace wali
