// SPDX-License-Identifier: Apache-2.0
// madvise, msync, mincore and the mlock family: the kernel's own calls on the parts of a range that the guest has
// mapped. Inaccessible pages of the reservation, which the kernel would accept, are holes to the guest (ENOMEM).
#include "address_space.h"
#include "kernel.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE  103
#endif

namespace wali {

namespace {

enum class Advice : uint8_t { Kernel, Book, Refuse, Unknown };

Advice advice_class(int advice) {
    switch (advice) {
        case MADV_NORMAL:
        case MADV_RANDOM:
        case MADV_SEQUENTIAL:
        case MADV_WILLNEED:
        case MADV_DONTNEED:
        case MADV_FREE:
        case MADV_REMOVE:
        case MADV_MERGEABLE:
        case MADV_UNMERGEABLE:
        case MADV_HUGEPAGE:
        case MADV_NOHUGEPAGE:
        case MADV_DONTDUMP:
        case MADV_DODUMP:
        case MADV_WIPEONFORK:
        case MADV_KEEPONFORK:
        case MADV_COLD:
        case MADV_PAGEOUT:
        case MADV_POPULATE_READ:
        case MADV_POPULATE_WRITE:
        case MADV_COLLAPSE:
        case MADV_GUARD_INSTALL:
        case MADV_GUARD_REMOVE: return Advice::Kernel;
        case MADV_DONTFORK:  // would leave a hole in the child's reservation
        case MADV_DOFORK: return Advice::Book;
        case MADV_HWPOISON:  // of the machine, not of the guest
        case 101:            // MADV_SOFT_OFFLINE
            return Advice::Refuse;
        default: return Advice::Unknown;
    }
}

}  // namespace

// Calls `call(run)` for the mapped parts; its error, or ENOMEM if there was a hole. Not under the lock: these calls may
// wait for a disk, and what a racing munmap makes of them harms only the guest.
template <class F>
int64_t AddressSpace::on_mapped(Range range, F call) {
    std::vector<PageRun> runs;
    uint64_t mapped = 0;
    {
        const std::lock_guard guard(lock_);
        book_.for_each_mapped(range.start, range.end, [&](const PageRun& run) {
            runs.push_back(run);
            mapped += run.end - run.start;
        });
    }
    for (const PageRun& run : runs) {
        const int64_t result = call(run);
        if (result < 0) return result;
    }
    return mapped == range.bytes() ? 0 : -ENOMEM;
}

int64_t AddressSpace::advise(uint32_t address, uint32_t length, int advice) {
    const Advice what = advice_class(advice);
    if (what == Advice::Unknown || !is_page_aligned(address)) return -EINVAL;
    if (what == Advice::Refuse) return -EPERM;
    const Range range = range_of(address, length);
    if (range.bytes() == 0) return 0;
    if (what == Advice::Kernel) {
        return on_mapped(range, [&](const PageRun& run) {
            return int64_t{kernel(SYS_madvise, host(run.start), run.end - run.start, advice)};
        });
    }
    const std::lock_guard guard(lock_);
    if (!book_.is_mapped(range.start, range.end)) return -ENOMEM;
    some_dont_fork_ |= advice == MADV_DONTFORK;
    for (uint64_t at = range.start; at < range.end;) {
        if (too_many_runs()) return -ENOMEM;
        PageRun run = book_.at(at);
        run.use.dont_fork = advice == MADV_DONTFORK;
        const uint64_t end = std::min(run.end, range.end);
        book_.set(at, end, run.use);
        at = end;
    }
    return 0;
}

int64_t AddressSpace::sync(uint32_t address, uint32_t length, int flags) {
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 || !is_page_aligned(address)) return -EINVAL;
    if ((flags & MS_ASYNC) != 0 && (flags & MS_SYNC) != 0) return -EINVAL;
    const Range range = range_of(address, length);
    if (range.bytes() == 0) return 0;
    return on_mapped(range, [&](const PageRun& run) {
        return int64_t{kernel(SYS_msync, host(run.start), run.end - run.start, flags)};
    });
}

int64_t AddressSpace::residency(uint32_t address, uint32_t length, uint32_t vec) {
    if (!is_page_aligned(address)) return -EINVAL;
    const Range range = range_of(address, length);
    if (range.bytes() == 0) return 0;
    const uint64_t pages = range.bytes() / kGuestPage;
    if (vec == 0 || (memory_ && memory_.at(wasm::GuestAddr{vec}, pages) == nullptr)) return -EFAULT;
    const std::lock_guard guard(lock_);
    uint64_t end = range.start;  // of what is mapped without a hole
    while (end < range.end && end < book_.limit() && book_.at(end).use.is_mapped()) {
        end = std::min(book_.at(end).end, range.end);
    }
    // The kernel, too, reports pages until it comes to a hole.
    const long result = end == range.start ? 0 : kernel(SYS_mincore, host(range.start), end - range.start, host(vec));
    return is_kernel_error(result) || end == range.end ? result : -ENOMEM;
}

int64_t AddressSpace::lock(uint32_t address, uint32_t length, int flags) {
    if ((flags & ~static_cast<int>(MLOCK_ONFAULT)) != 0) return -EINVAL;
    const uint64_t start = address & ~(kGuestPage - 1);
    const Range range{start, page_round_up(uint64_t{address} + length)};
    if (length == 0) return 0;
    return on_mapped(range, [&](const PageRun& run) {
        return int64_t{kernel(SYS_mlock2, host(run.start), run.end - run.start, flags)};
    });
}

int64_t AddressSpace::unlock(uint32_t address, uint32_t length) {
    const uint64_t start = address & ~(kGuestPage - 1);
    const Range range{start, page_round_up(uint64_t{address} + length)};
    if (length == 0) return 0;
    return on_mapped(
        range, [&](const PageRun& run) { return int64_t{kernel(SYS_munlock, host(run.start), run.end - run.start)}; });
}

int64_t AddressSpace::lock_all(int flags) {
    if (flags == 0 || flags == MCL_ONFAULT || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0) return -EINVAL;
    const std::lock_guard guard(lock_);
    if ((flags & MCL_CURRENT) != 0) {
        const int how = (flags & MCL_ONFAULT) != 0 ? static_cast<int>(MLOCK_ONFAULT) : 0;
        int64_t error = 0;
        book_.for_each_mapped(0, book_.limit(), [&](const PageRun& run) {
            if (error != 0) return;
            const int64_t result = kernel(SYS_mlock2, host(run.start), run.end - run.start, how);
            // Pages that cannot be read or written stay out, without an error, as in the kernel's mlockall.
            if (result < 0 && run.use.prot != PROT_NONE) error = result;
        });
        if (error != 0) return error;
    }
    lock_future_ = (flags & MCL_FUTURE) != 0 ? flags & (MCL_FUTURE | MCL_ONFAULT) : 0;
    return 0;
}

int64_t AddressSpace::unlock_all() {
    const std::lock_guard guard(lock_);
    lock_future_ = 0;
    book_.for_each_mapped(0, book_.limit(),
                          [&](const PageRun& run) { kernel(SYS_munlock, host(run.start), run.end - run.start); });
    return 0;
}

}  // namespace wali
