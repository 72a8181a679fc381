// SPDX-License-Identifier: Apache-2.0
// madvise, msync, mincore, mseal and the mlock family: the kernel's own calls on the parts of a range that the guest
// has mapped. Inaccessible pages of the reservation, which the kernel would accept, are holes to the guest (ENOMEM).
#include "address_space.h"
#include "kernel.h"

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

enum class Advice : uint8_t {
    Kernel,  // on what is there, at once
    Mark,    // for the time to come: a trait of the pages, by which the host splits its mappings
    Book,    // the same, but not given to the host
    Refuse,
    Unknown,
};
struct AdviceInfo {
    Advice what;
    bool discards = false;  // changes what can be read there
    Traits set = 0;
    Traits clear = 0;
};

AdviceInfo advice_info(int advice) {
    switch (advice) {
        case MADV_NORMAL: return {.what = Advice::Mark, .clear = kRandom | kSequential};
        case MADV_RANDOM: return {.what = Advice::Mark, .set = kRandom, .clear = kSequential};
        case MADV_SEQUENTIAL: return {.what = Advice::Mark, .set = kSequential, .clear = kRandom};
        case MADV_MERGEABLE: return {.what = Advice::Mark, .set = kMergeable};
        case MADV_UNMERGEABLE: return {.what = Advice::Mark, .clear = kMergeable};
        case MADV_HUGEPAGE: return {.what = Advice::Mark, .set = kHugePage, .clear = kNoHugePage};
        case MADV_NOHUGEPAGE: return {.what = Advice::Mark, .set = kNoHugePage, .clear = kHugePage};
        case MADV_DONTDUMP: return {.what = Advice::Mark, .set = kDontDump};
        case MADV_DODUMP: return {.what = Advice::Mark, .clear = kDontDump};
        case MADV_WIPEONFORK: return {.what = Advice::Mark, .discards = true, .set = kWipeOnFork};
        case MADV_KEEPONFORK: return {.what = Advice::Mark, .clear = kWipeOnFork};
        case MADV_DONTFORK:  // would leave a hole in the child's reservation
            return {.what = Advice::Book, .discards = true, .set = kDontFork};
        case MADV_DOFORK: return {.what = Advice::Book, .clear = kDontFork};
        case MADV_DONTNEED:
        case MADV_FREE:
        case MADV_REMOVE:
        case MADV_GUARD_INSTALL: return {.what = Advice::Kernel, .discards = true};
        case MADV_WILLNEED:
        case MADV_COLD:
        case MADV_PAGEOUT:
        case MADV_POPULATE_READ:
        case MADV_POPULATE_WRITE:
        case MADV_COLLAPSE:
        case MADV_GUARD_REMOVE: return {.what = Advice::Kernel};
        case MADV_HWPOISON:  // of the machine, not of the guest
        case 101:            // MADV_SOFT_OFFLINE
            return {.what = Advice::Refuse};
        default: return {.what = Advice::Unknown};
    }
}

constexpr int64_t kHoles = 1;
int64_t without_holes(int64_t result) { return result == kHoles ? -ENOMEM : result; }

// Sealed memory that cannot be written cannot be emptied either.
bool is_protected(const PageUse& use) {
    return use.has(kSealed) && use.kind == PageKind::Anon && (use.prot & PROT_WRITE) == 0;
}

}  // namespace

// Calls `call(run)` for the mapped parts; its error, or kHoles if there was one. Not under the lock: these calls may
// wait for a disk, and what a racing munmap makes of them harms only the guest.
template <class F>
int64_t AddressSpace::on_mapped(Range range, F call) {
    std::vector<PageRun> runs;
    uint64_t mapped = 0;
    {
        const std::lock_guard guard(lock_);
        book_.for_each_mapped(range.start, range.end, [&](const PageRun& run) {
            runs.push_back(run);
            mapped += run.bytes();
        });
    }
    for (const PageRun& run : runs) {
        const int64_t result = call(run);
        if (result < 0) return result;
    }
    return mapped == range.bytes() ? 0 : kHoles;
}

// Calls `change(run)` for the mapped parts, under the lock, and writes down what use it has made of them; its error,
// ENOMEM if there would be too many parts, or kHoles.
template <class F>
int64_t AddressSpace::change_mapped(Range range, F change) {
    const std::lock_guard guard(lock_);
    uint64_t mapped = 0;
    for (uint64_t at = range.start; at < range.end && at < book_.limit();) {
        const PageRun whole = book_.at(at);
        PageRun run{at, std::min(whole.end, range.end), whole.use};
        at = run.end;
        if (!run.use.is_mapped()) continue;
        mapped += run.bytes();
        if (run.bytes() < whole.bytes() && too_many_runs()) return -ENOMEM;
        const int64_t result = change(run);
        if (result < 0) return result;
        book_.set(run.start, run.end, run.use);
    }
    return mapped == range.bytes() ? 0 : kHoles;
}

int64_t AddressSpace::advise(uint32_t address, uint32_t length, int advice) {
    const AdviceInfo info = advice_info(advice);
    if (info.what == Advice::Unknown || !is_page_aligned(address)) return -EINVAL;
    if (info.what == Advice::Refuse) return -EPERM;
    const Range range = range_of(address, length);
    if (range.bytes() == 0) return 0;
    if (info.what == Advice::Kernel) {
        return without_holes(on_mapped(range, [&](const PageRun& run) {
            if (info.discards && is_protected(run.use)) return int64_t{-EPERM};
            return int64_t{kernel(SYS_madvise, host(run.start), run.bytes(), advice)};
        }));
    }
    const int64_t marked = change_mapped(range, [&](PageRun& run) {
        if (info.discards && is_protected(run.use)) return int64_t{-EPERM};
        const long result = info.what == Advice::Book ? 0 : kernel(SYS_madvise, host(run.start), run.bytes(), advice);
        if (result < 0) return int64_t{result};
        some_in_child_ |= info.set & kDontFork;
        run.use.traits = static_cast<Traits>((run.use.traits | info.set) & ~info.clear);
        return int64_t{0};
    });
    return marked == -ENOMEM ? -EAGAIN : without_holes(marked);
}

int64_t AddressSpace::sync(uint32_t address, uint32_t length, int flags) {
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 || !is_page_aligned(address)) return -EINVAL;
    if ((flags & MS_ASYNC) != 0 && (flags & MS_SYNC) != 0) return -EINVAL;
    const Range range = range_of(address, length);
    if (range.bytes() == 0) return 0;
    return without_holes(on_mapped(
        range, [&](const PageRun& run) { return int64_t{kernel(SYS_msync, host(run.start), run.bytes(), flags)}; }));
}

int64_t AddressSpace::residency(uint32_t address, uint32_t length, uint32_t vec) {
    if (!is_page_aligned(address)) return -EINVAL;
    const Range range = range_of(address, length);
    if (range.bytes() == 0) return 0;
    const uint64_t pages = range.bytes() / kGuestPage;
    const std::lock_guard guard(lock_);
    if (range.end > uint64_t{1} << 32) return -ENOMEM;
    if (vec == 0 || vec + pages > book_.limit()) return -EFAULT;
    uint64_t end = range.start;  // of what is mapped without a hole
    while (end < range.end && end < book_.limit() && book_.at(end).use.is_mapped()) {
        end = std::min(book_.at(end).end, range.end);
    }
    // The kernel, too, reports pages until it comes to a hole.
    const long result = end == range.start ? 0 : kernel(SYS_mincore, host(range.start), end - range.start, host(vec));
    return is_kernel_error(result) || end == range.end ? result : -ENOMEM;
}

// What can be refused, and splits mappings, is done under the lock; what may wait for a disk, afterwards.
int64_t AddressSpace::mark_locked(Range range, bool now) {
    return change_mapped(range, [&](PageRun& run) {
        const long result = kernel(SYS_mlock2, host(run.start), run.bytes(), MLOCK_ONFAULT);
        if (result < 0) return int64_t{result};
        run.use.traits = static_cast<Traits>((run.use.traits | kLocked | kOnFault) & ~(now ? kOnFault : 0));
        some_in_child_ |= kLocked;
        return int64_t{0};
    });
}

int64_t AddressSpace::mark_unlocked(Range range) {
    return change_mapped(range, [&](PageRun& run) {
        run.use.traits = static_cast<Traits>(run.use.traits & ~(kLocked | kOnFault));
        return int64_t{kernel(SYS_munlock, host(run.start), run.bytes())};
    });
}

int64_t AddressSpace::lock(uint32_t address, uint32_t length, int flags) {
    if ((flags & ~static_cast<int>(MLOCK_ONFAULT)) != 0) return -EINVAL;
    const uint64_t start = address & ~(kGuestPage - 1);
    const Range range{start, page_round_up(uint64_t{address} + length)};
    if (length == 0) return 0;
    const bool now = flags == 0;
    const int64_t locked = mark_locked(range, now);
    if (!now || locked < 0) return without_holes(locked);
    return without_holes(on_mapped(range, [&](const PageRun& run) {
        return run.use.has(kLocked) ? int64_t{kernel(SYS_mlock2, host(run.start), run.bytes(), 0)} : int64_t{0};
    }));
}

int64_t AddressSpace::unlock(uint32_t address, uint32_t length) {
    const uint64_t start = address & ~(kGuestPage - 1);
    if (length == 0) return 0;
    return without_holes(mark_unlocked({start, page_round_up(uint64_t{address} + length)}));
}

int64_t AddressSpace::lock_all(int flags) {
    if (flags == 0 || flags == MCL_ONFAULT || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0) return -EINVAL;
    const Range all{book_.null_end(), book_.limit()};
    const bool now = (flags & MCL_ONFAULT) == 0;
    if ((flags & MCL_CURRENT) != 0) {
        const int64_t locked = mark_locked(all, now);
        if (locked < 0) return locked;
    }
    {
        const std::lock_guard guard(lock_);
        lock_future_ = (flags & MCL_FUTURE) != 0 ? flags & (MCL_FUTURE | MCL_ONFAULT) : 0;
    }
    if ((flags & MCL_CURRENT) == 0 || !now) return 0;
    // Pages that cannot be brought in (protected, beyond the end of their file) stay out, without an error.
    on_mapped(all, [&](const PageRun& run) {
        kernel(SYS_mlock2, host(run.start), run.bytes(), 0);
        return int64_t{0};
    });
    return 0;
}

int64_t AddressSpace::unlock_all() {
    mark_unlocked({book_.null_end(), book_.limit()});
    const std::lock_guard guard(lock_);
    lock_future_ = 0;
    return 0;
}

int64_t AddressSpace::seal(uint32_t address, uint32_t length, uint64_t flags) {
    if (flags != 0 || !is_page_aligned(address)) return -EINVAL;
    const Range range = range_of(address, length);
    if (range.end > uint64_t{1} << 32) return -ENOMEM;  // no overflow to the kernel, but nothing is there
    if (range.bytes() == 0) return 0;
    {
        const std::lock_guard guard(lock_);
        if (!book_.is_mapped(range.start, range.end)) return -ENOMEM;
    }
    return without_holes(change_mapped(range, [](PageRun& run) {
        run.use.traits |= kSealed;
        return int64_t{0};
    }));
}

}  // namespace wali
