// SPDX-License-Identifier: Apache-2.0
// What the host is asked for. Three rules keep the reservation whole while the host maps pages of its own in other
// threads, and the process alive when the host has no mapping left for it (vm.max_map_count, RLIMIT_AS):
// - nothing is ever unmapped inside it: pages become free by mapping inaccessible ones over them or, where the host
//   refuses that, by making inaccessible what is there. Where it refuses even that, the guest is told so;
// - a MAP_FIXED that may fail after it has removed what was there (a file's mmap operation, memory accounting) is not
//   used: such mappings are made elsewhere first, and moved in when nothing is left that could be refused;
// - the host says how large a mapping is: it rounds those of huge pages up.
#include "address_space.h"
#include "kernel.h"

#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

namespace wali {

namespace {

constexpr int kReserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
// Of mappings with huge pages, address and size are multiples of theirs. None are smaller than this.
constexpr uint64_t kSmallestHugePage = 65536;
constexpr uint64_t kLargestHugePage = uint64_t{1} << 34;

uint64_t round_up(uint64_t bytes, uint64_t unit) { return (bytes + unit - 1) / unit * unit; }

// The size of the mapping at `at` of `bytes` or, where they are not a multiple of its pages, of more; 0: the host does
// not say. The kernel refuses to change protections up to the middle of a huge page, and changes nothing then: the
// first of the sizes that it does not refuse is the mapping's, whatever descriptor the guest has exchanged meanwhile.
uint64_t size_of_mapping(std::byte* at, uint64_t bytes, int prot) {
    bytes = page_round_up(bytes);
    if (reinterpret_cast<uintptr_t>(at) % kSmallestHugePage != 0) return bytes;
    const int other = prot == PROT_NONE || prot == kGuestAccess ? PROT_READ : PROT_NONE;
    for (uint64_t page = kGuestPage; page <= kLargestHugePage; page *= 2) {
        const uint64_t whole = round_up(bytes, page);
        const long changed = kernel(SYS_mprotect, at, whole, other);
        if (changed == -EACCES) return bytes;  // of a device, which has no huge pages
        if (changed == -EINVAL) continue;
        return changed == 0 && kernel(SYS_mprotect, at, whole, prot) == 0 ? whole : 0;
    }
    return 0;
}

// Whether huge pages are asked for, as far as can be said before there is a mapping.
bool seems_huge(int flags, int fd) {
    if ((flags & MAP_ANONYMOUS) != 0) return (flags & MAP_HUGETLB) != 0;
    struct statfs status{};
    return kernel(SYS_fstatfs, fd, &status) == 0 && status.f_type == HUGETLBFS_MAGIC;
}

}  // namespace

// The only mapping that is ever made over others. What it asks of the host can only be refused before anything is
// changed.
long AddressSpace::reserve(Range range) const {
    return kernel(SYS_mmap, host(range.start), range.bytes(), PROT_NONE, kReserve | MAP_FIXED, -1, 0);
}

// Takes all access to what is there, and drops what is the guest's alone.
int64_t AddressSpace::close(Range range) const {
    const long closed = kernel(SYS_mprotect, host(range.start), range.bytes(), PROT_NONE);
    if (is_kernel_error(closed)) {
        // It may have come as far as to where a mapping would have to be split.
        book_.for_each(range.start, range.end, [&](const PageRun& run) {
            kernel(SYS_mprotect, host(run.start), run.bytes(), int{run.use.prot});
        });
        return closed;
    }
    drop(range);
    return 0;
}

void AddressSpace::drop(Range range) const {
    book_.for_each_mapped(range.start, range.end, [&](const PageRun& run) {
        if (run.use.has(kLocked)) kernel(SYS_munlock, host(run.start), run.bytes());
        if (run.use.kind != PageKind::Shared) kernel(SYS_madvise, host(run.start), run.bytes(), MADV_DONTNEED);
    });
}

// Makes the range free; an error: it is as it was.
int64_t AddressSpace::free_range(Range range) {
    PageUse use;
    const long reserved = reserve(range);
    if (is_kernel_error(reserved)) {
        if (reserved != -ENOMEM) return reserved;  // in the middle of a huge page
        const int64_t closed = close(range);
        if (closed < 0) return closed;
        use.traits = kStale;
    }
    book_.set(range.start, range.end, use);
    return 0;
}

// The same where the guest has been told already that nothing is there: at worst something still is.
void AddressSpace::give_up(Range range) {
    if (free_range(range) < 0) book_.set(range.start, range.end, PageUse{.traits = kStale});
}

// Makes the range free and untouched.
int64_t AddressSpace::renew(Range range) {
    if (book_.is_untouched(range.start, range.end)) return 0;
    const long reserved = reserve(range);
    if (is_kernel_error(reserved)) return reserved;
    book_.set(range.start, range.end, PageUse{});
    return 0;
}

// What the host refused to replace before: room for a mapping that nothing else is left for.
void AddressSpace::renew_stale() {
    std::vector<Range> stale;
    book_.for_each(0, book_.limit(), [&](const PageRun& run) {
        if (run.use.has(kStale)) stale.push_back({run.start, run.end});
    });
    for (const Range& range : stale) {
        if (renew(range) < 0) return;
    }
}

// Makes a mapping of a file, or of memory that is not just zero pages, outside of the reservation.
int64_t AddressSpace::make_stage(const Wanted& wanted, Stage& stage) {
    // The kernel judges the file, the length, the flags.
    constexpr int kOurs = MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_GROWSDOWN | MAP_32BIT | MAP_LOCKED;
    // Private pages become writable where they are: until then nothing is charged for them, so that moving them cannot
    // be refused for it. Huge ones are set aside by the kernel for who maps them writable, and are not charged.
    const bool is_private = (wanted.flags & MAP_TYPE) == MAP_PRIVATE;
    const bool later = is_private && (wanted.prot & PROT_WRITE) != 0 && !seems_huge(wanted.flags, wanted.fd);
    stage.prot = later ? wanted.prot & ~PROT_WRITE : wanted.prot;
    const long mapped =
        kernel(SYS_mmap, nullptr, uint64_t{wanted.length}, stage.prot, wanted.flags & ~kOurs, wanted.fd, wanted.offset);
    if (is_kernel_error(mapped)) return mapped;
    return measure_stage(reinterpret_cast<std::byte*>(mapped), wanted.length, stage);
}

int64_t AddressSpace::measure_stage(std::byte* at, uint64_t bytes, Stage& stage) {
    stage.at = at;
    stage.bytes = size_of_mapping(at, bytes, stage.prot);
    if (stage.bytes == 0) {
        kernel(SYS_munmap, at, page_round_up(bytes));
        return -ENOMEM;
    }
    if (stage.bytes % kSmallestHugePage == 0 && reinterpret_cast<uintptr_t>(at) % kSmallestHugePage == 0) {
        // Perhaps of huge pages, which are not larger than what both are multiples of.
        stage.alignment = uint64_t{1} << std::countr_zero(stage.bytes | reinterpret_cast<uintptr_t>(at));
    }
    return 0;
}

// Moves it to where it goes. The stage is gone afterwards, also when there is an error.
int64_t AddressSpace::move_in(const Stage& stage, Range range, const PageUse& use) {
    const long moved =
        kernel(SYS_mremap, stage.at, stage.bytes, stage.bytes, MREMAP_MAYMOVE | MREMAP_FIXED, host(range.start));
    if (is_kernel_error(moved)) {
        kernel(SYS_munmap, stage.at, stage.bytes);
        fill_hole(range);
        return moved;
    }
    book_.set(range.start, range.end, use);
    if (stage.prot == use.prot) return static_cast<int64_t>(range.start);
    const long opened = kernel(SYS_mprotect, host(range.start), range.bytes(), int{use.prot});
    if (!is_kernel_error(opened)) return static_cast<int64_t>(range.start);
    give_up(range);
    return opened;
}

// After a move into the range that the kernel has refused, at a time at which it may have removed what was there.
void AddressSpace::fill_hole(Range range) {
    const long filled =
        kernel(SYS_mmap, host(range.start), range.bytes(), PROT_NONE, kReserve | MAP_FIXED_NOREPLACE, -1, 0);
    if (!is_kernel_error(filled)) {
        book_.set(range.start, range.end, PageUse{});
        return;
    }
    // Nothing is missing: nothing has changed.
    if (kernel(SYS_msync, host(range.start), range.bytes(), MS_ASYNC) != -ENOMEM) return;
    // The guest could reach whatever the host maps there next: there is no safe way to go on.
    std::fputs("wali-run: the host cannot keep the guest's memory reserved\n", stderr);
    std::abort();
}

}  // namespace wali
