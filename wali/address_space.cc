// SPDX-License-Identifier: Apache-2.0
// Mapping, unmapping, protection, and coexistence with memory.grow and fork. See address_space_remap.cc and
// address_space_advice.cc for the rest of the family.
//
// Two rules keep the reservation whole while the host maps pages of its own in other threads:
// - nothing is ever unmapped inside it: pages become free by mapping inaccessible ones over them;
// - a MAP_FIXED that may fail after it has removed what was there (a file's mmap operation, memory accounting) is not
//   used: such mappings are made elsewhere first and moved in.
#include "address_space.h"

#include "kernel.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

namespace wali {

namespace {

constexpr int kAccess = PROT_READ | PROT_WRITE;  // PROT_EXEC means nothing to a guest and is never given
constexpr int kFixed = MAP_FIXED | MAP_FIXED_NOREPLACE;
constexpr uint64_t kMaxNull = 65536;
constexpr int kFreeFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;

size_t host_max_map_count() {
    size_t count = 65530;  // the kernel's default
    if (std::FILE* file = std::fopen("/proc/sys/vm/max_map_count", "re")) {
        if (std::fscanf(file, "%zu", &count) != 1) count = 65530;
        std::fclose(file);
    }
    return count;
}

}  // namespace

AddressSpace::~AddressSpace() {
    if (memory_) memory_.set_page_allocator(nullptr);
}

void AddressSpace::attach(wasm::Memory memory, uint64_t null_bytes) {
    manage(memory.base(), memory.size(), memory.max_size(), null_bytes);
    memory_ = memory;
    memory_.set_page_allocator(this);
}

void AddressSpace::manage(std::byte* base, uint64_t size, uint64_t limit, uint64_t null_bytes) {
    const std::lock_guard guard(lock_);
    base_ = base;
    book_ = PageBook(limit);
    if (size > book_.null_end()) book_.set(book_.null_end(), size, PageUse{.kind = PageKind::Anon, .prot = kAccess});
    guard_null(std::min({null_bytes, size, kMaxNull}));
    const size_t host_maps = host_max_map_count();
    max_runs_ = host_maps - host_maps / kShareOfMapCount;
}

void AddressSpace::guard_null(uint64_t bytes) {
    bytes -= bytes % static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    // Where the host refuses, NULL stays what it is in programs that do not ask.
    if (bytes < kGuestPage || is_kernel_error(kernel(SYS_mprotect, base_, bytes, PROT_NONE))) return;
    book_.set_null_end(bytes);
}

AddressSpace::Range AddressSpace::range_of(uint32_t address, uint32_t length) {
    return {address, address + page_round_up(length)};
}

size_t AddressSpace::run_count() const {
    const std::lock_guard guard(lock_);
    return book_.run_count();
}

bool AddressSpace::is_mapped(uint64_t address) const {
    const std::lock_guard guard(lock_);
    return address < book_.limit() && book_.at(address).use.is_mapped();
}

uint64_t AddressSpace::mapped_bytes() const {
    const std::lock_guard guard(lock_);
    uint64_t bytes = 0;
    book_.for_each_mapped(0, book_.limit(), [&](const PageRun& run) { bytes += run.end - run.start; });
    return bytes;
}

int64_t AddressSpace::publish(int64_t result, uint64_t bytes) {
    if (result >= 0 && memory_) memory_.extend_to(static_cast<uint64_t>(result) + bytes);
    return result;
}

void AddressSpace::put_back(Range range) {
    const long result = kernel(SYS_mmap, host(range.start), range.bytes(), PROT_NONE, kFreeFlags, -1, 0);
    if (is_kernel_error(result)) {
        // The guest could reach whatever the host maps there next: there is no safe way to go on.
        std::fputs("wali-run: the host cannot keep the guest's memory reserved\n", stderr);
        std::abort();
    }
    book_.set(range.start, range.end, PageUse{});
}

// Where a mapping goes: the address, or -errno.
int64_t AddressSpace::place(uint32_t address, uint64_t bytes, int flags) const {
    if (bytes == 0 || bytes > book_.limit()) return -ENOMEM;
    if ((flags & kFixed) != 0) {
        if (!is_page_aligned(address)) return -EINVAL;
        if (address < book_.null_end()) return -EPERM;  // as below the kernel's mmap_min_addr
        if (address + bytes > book_.limit()) return -ENOMEM;
        if ((flags & MAP_FIXED_NOREPLACE) != 0 && !book_.is_free(address, address + bytes)) return -EEXIST;
        return address;
    }
    const uint64_t hint = page_round_up(address);
    if (hint != 0 && hint < book_.limit() && book_.is_free(hint, hint + bytes)) return static_cast<int64_t>(hint);
    const auto found = book_.find_free(bytes);
    return found ? static_cast<int64_t>(*found) : -ENOMEM;
}

int64_t AddressSpace::map(uint32_t address, uint32_t length, int prot, int flags, int fd, int64_t offset) {
    if (!is_page_aligned(static_cast<uint64_t>(offset))) return -EINVAL;
    const int type = flags & MAP_TYPE;
    const bool anonymous = (flags & MAP_ANONYMOUS) != 0;
    const int access = prot & kAccess;
    if (anonymous && (length == 0 || (type != MAP_PRIVATE && type != MAP_SHARED))) return -EINVAL;
    void* stage = nullptr;
    if (!anonymous || type == MAP_SHARED) {
        // The kernel judges the file, the length, the flags. Anonymous huge pages would not fit 4 KiB placement.
        int elsewhere = flags & ~(kFixed | MAP_GROWSDOWN | MAP_32BIT | MAP_LOCKED);
        if (anonymous) elsewhere &= ~MAP_HUGETLB;
        const long mapped = kernel(SYS_mmap, nullptr, uint64_t{length}, access, elsewhere, fd, offset);
        if (is_kernel_error(mapped)) return mapped;
        stage = reinterpret_cast<void*>(mapped);
    }
    const uint64_t bytes = page_round_up(length);
    int64_t result = 0;
    {
        const std::lock_guard guard(lock_);
        result = too_many_runs() ? -ENOMEM : place(address, bytes, flags);
        if (result >= 0) {
            const Range range{static_cast<uint64_t>(result), static_cast<uint64_t>(result) + bytes};
            const PageUse use{.kind = type == MAP_PRIVATE ? PageKind::Private : PageKind::Shared,
                              .prot = static_cast<uint8_t>(access)};
            const int64_t done = stage != nullptr ? map_staged(range, stage, use) : map_anonymous(range, access, flags);
            result = done < 0 ? done : locked_if_asked(range, flags);
        } else if (stage != nullptr) {
            kernel(SYS_munmap, stage, bytes);
        }
    }
    return publish(result, bytes);
}

int64_t AddressSpace::map_anonymous(Range range, int prot, int flags) {
    long result = 0;
    if (book_.is_free(range.start, range.end)) {
        // Free pages are untouched private anonymous ones already.
        if (prot != PROT_NONE) result = kernel(SYS_mprotect, host(range.start), range.bytes(), prot);
    } else {
        result = kernel(SYS_mmap, host(range.start), range.bytes(), prot, kFreeFlags, -1, 0);
    }
    if (is_kernel_error(result)) {
        put_back(range);
        return result;
    }
    book_.set(range.start, range.end, PageUse{.kind = PageKind::Anon, .prot = static_cast<uint8_t>(prot)});
    if ((flags & MAP_POPULATE) != 0 && (prot & PROT_WRITE) != 0) {
        kernel(SYS_madvise, host(range.start), range.bytes(), MADV_POPULATE_WRITE);  // a wish: errors are not told
    }
    return static_cast<int64_t>(range.start);
}

int64_t AddressSpace::map_staged(Range range, void* stage, const PageUse& use) {
    const long moved =
        kernel(SYS_mremap, stage, range.bytes(), range.bytes(), MREMAP_MAYMOVE | MREMAP_FIXED, host(range.start));
    if (is_kernel_error(moved)) {
        kernel(SYS_munmap, stage, range.bytes());
        put_back(range);
        return moved;
    }
    PageUse numbered = use;
    numbered.mapping = next_mapping_++;
    book_.set(range.start, range.end, numbered);
    return static_cast<int64_t>(range.start);
}

// MAP_LOCKED and mlockall(MCL_FUTURE): the limit is checked, and only the limit can make the mapping fail.
int64_t AddressSpace::locked_if_asked(Range range, int flags) {
    const bool asked = (flags & MAP_LOCKED) != 0;
    if (!asked && lock_future_ == 0) return static_cast<int64_t>(range.start);
    const long locked = kernel(SYS_mlock2, host(range.start), range.bytes(), MLOCK_ONFAULT);
    if (is_kernel_error(locked)) {
        put_back(range);
        return locked == -EPERM ? -EPERM : -EAGAIN;
    }
    if (asked || (lock_future_ & MCL_ONFAULT) == 0) kernel(SYS_mlock2, host(range.start), range.bytes(), 0);
    return static_cast<int64_t>(range.start);
}

int64_t AddressSpace::unmap(uint32_t address, uint32_t length) {
    if (!is_page_aligned(address) || length == 0) return -EINVAL;
    Range range = range_of(address, length);
    if (range.end > uint64_t{1} << 32) return -EINVAL;
    const std::lock_guard guard(lock_);
    // Outside of the limit nothing is mapped, nor (to the guest) at NULL.
    range = {std::max(range.start, book_.null_end()), std::min(range.end, book_.limit())};
    if (range.start >= range.end || book_.is_free(range.start, range.end)) return 0;
    const bool splits = book_.at(range.start).start < range.start && book_.at(range.end - 1).end > range.end;
    if (splits && too_many_runs()) return -ENOMEM;
    put_back(range);
    return 0;
}

int64_t AddressSpace::protect(uint32_t address, uint32_t length, int prot) {
    constexpr int kKnown = PROT_READ | PROT_WRITE | PROT_EXEC | 8 /* PROT_SEM */;
    if (!is_page_aligned(address) || (prot & ~kKnown) != 0) return -EINVAL;
    if (length == 0) return 0;
    const Range range = range_of(address, length);
    const std::lock_guard guard(lock_);
    for (uint64_t at = range.start; at < range.end;) {
        if (at >= book_.limit()) return -ENOMEM;
        PageRun run = book_.at(at);
        if (!run.use.is_mapped()) return -ENOMEM;
        const uint64_t end = std::min(run.end, range.end);
        run.use.prot = static_cast<uint8_t>(prot & kAccess);
        if (too_many_runs()) return -ENOMEM;
        const long result = kernel(SYS_mprotect, host(at), end - at, prot & kAccess);
        if (is_kernel_error(result)) return result;
        book_.set(at, end, run.use);
        at = end;
    }
    return 0;
}

bool AddressSpace::allow_grow(uint64_t old_bytes, uint64_t new_bytes) {
    const std::lock_guard guard(lock_);
    if (new_bytes > book_.limit()) return false;
    if (new_bytes <= old_bytes) return true;
    // Something is there only while another thread's mmap has not published its size yet.
    if (!book_.is_free(old_bytes, new_bytes)) return false;
    book_.set(old_bytes, new_bytes, PageUse{.kind = PageKind::Anon, .prot = kAccess});
    return true;
}

[[gnu::hot]] void AddressSpace::begin_child() {
    // MADV_DONTFORK is not given to the host, which would leave a hole here.
    std::vector<Range> gone;
    if (some_dont_fork_) {
        book_.for_each_mapped(0, book_.limit(), [&](const PageRun& run) {
            if (run.use.dont_fork) gone.push_back({run.start, run.end});
        });
    }
    for (const Range& range : gone) put_back(range);
    lock_future_ = 0;  // memory locks are not inherited
}

}  // namespace wali
