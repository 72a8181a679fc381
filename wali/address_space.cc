// SPDX-License-Identifier: Apache-2.0
// Mapping, unmapping, protection, limits, and coexistence with memory.grow and fork. address_space_host.cc has what the
// host does for it, address_space_{remap,advice,segments}.cc the rest of the family.
#include "address_space.h"

#include "kernel.h"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdio>

namespace wali {

namespace {

constexpr int kFixed = MAP_FIXED | MAP_FIXED_NOREPLACE;
constexpr uint64_t kMaxNull = 65536;

size_t host_max_map_count() {
    size_t count = 65530;  // the kernel's default
    if (std::FILE* file = std::fopen("/proc/sys/vm/max_map_count", "re")) {
        if (std::fscanf(file, "%zu", &count) != 1) count = 65530;
        std::fclose(file);
    }
    return count;
}

// Just zero pages: free ones of the reservation are that already.
bool is_plain(int flags) { return (flags & (MAP_TYPE | MAP_ANONYMOUS | MAP_HUGETLB)) == (MAP_PRIVATE | MAP_ANONYMOUS); }

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
    if (size > book_.null_end()) {
        book_.set(book_.null_end(), size, PageUse{.kind = PageKind::Anon, .prot = kGuestAccess});
    }
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

bool AddressSpace::is_usable(uint64_t address) const {
    const std::lock_guard guard(lock_);
    return address < book_.limit() && book_.at(address).use.prot != 0;
}

bool AddressSpace::is_null(uint64_t address) const {
    const std::lock_guard guard(lock_);
    return address < book_.limit() && book_.at(address).use.kind == PageKind::Null;
}

std::vector<PageRun> AddressSpace::mappings() const {
    std::vector<PageRun> runs;
    const std::lock_guard guard(lock_);
    book_.for_each_mapped(0, book_.limit(), [&](const PageRun& run) { runs.push_back(run); });
    return runs;
}

AddressSpace::Usage AddressSpace::usage() const {
    const std::lock_guard guard(lock_);
    return {book_.mapped_bytes(), book_.most_mapped_bytes(), book_.data_bytes(), book_.null_end()};
}

void AddressSpace::set_limits(uint64_t mapped, uint64_t data) {
    max_mapped_ = mapped;
    max_data_ = data;
}

// Whether that many bytes more are within the limits.
bool AddressSpace::fits(uint64_t added, const PageUse& use) const {
    if (added == 0) return true;
    if (book_.mapped_bytes() + added > max_mapped_) return false;
    return !use.is_data() || book_.data_bytes() + added <= max_data_;
}

bool AddressSpace::is_sealed(Range range) const {
    bool sealed = false;
    book_.for_each_mapped(range.start, range.end, [&](const PageRun& run) { sealed |= run.use.has(kSealed); });
    return sealed;
}

int64_t AddressSpace::publish(int64_t result, uint64_t bytes) {
    if (result >= 0 && memory_) memory_.extend_to(static_cast<uint64_t>(result) + bytes);
    return result;
}

// Where a mapping goes: the address, or -errno.
int64_t AddressSpace::place(uint32_t address, uint64_t bytes, int flags, uint64_t alignment) {
    if (bytes == 0 || bytes > book_.limit()) return -ENOMEM;
    if ((flags & kFixed) != 0) {
        if (!is_page_aligned(address)) return -EINVAL;
        if (address < book_.null_end()) return -EPERM;  // as below the kernel's mmap_min_addr
        if (address + bytes > book_.limit()) return -ENOMEM;
        if ((flags & MAP_FIXED_NOREPLACE) != 0 && !book_.is_free(address, address + bytes)) return -EEXIST;
        return address;
    }
    const uint64_t hint = page_round_up(address);
    const bool good = alignment == kGuestPage && hint != 0 && hint < book_.limit();
    if (good && book_.is_free(hint, hint + bytes)) return static_cast<int64_t>(hint);
    const int64_t found = find_room(bytes, alignment);
    if (found >= 0 || book_.stale_bytes() == 0) return found;
    renew_stale();
    return find_room(bytes, alignment);
}

int64_t AddressSpace::find_room(uint64_t bytes, uint64_t alignment) {
    const auto found = book_.find_free(bytes + alignment - kGuestPage);
    if (!found) return -ENOMEM;
    const uint64_t past = reinterpret_cast<uintptr_t>(host(*found)) % alignment;
    return static_cast<int64_t>(past == 0 ? *found : *found + alignment - past);
}

int64_t AddressSpace::map(uint32_t address, uint32_t length, int prot, int flags, int fd, int64_t offset) {
    if (!is_page_aligned(static_cast<uint64_t>(offset))) return -EINVAL;
    const int type = flags & MAP_TYPE;
    const bool anonymous = (flags & MAP_ANONYMOUS) != 0;
    if (anonymous && (length == 0 || (type != MAP_PRIVATE && type != MAP_SHARED && type != kDroppable))) return -EINVAL;
    const Wanted wanted{length, prot & kGuestAccess, flags, fd, offset};
    Stage stage{.bytes = page_round_up(length)};
    if (!is_plain(flags)) {
        const int64_t made = make_stage(wanted, stage);
        if (made < 0) return made;
    }
    int64_t result = 0;
    {
        const std::lock_guard guard(lock_);
        result = too_many_runs() ? -ENOMEM : place(address, stage.bytes, flags, stage.alignment);
        if (result >= 0) {
            const auto start = static_cast<uint64_t>(result);
            result = map_at({start, start + stage.bytes}, wanted, stage);
        } else if (stage.at != nullptr) {
            kernel(SYS_munmap, stage.at, stage.bytes);
        }
    }
    return publish(result, stage.bytes);
}

// What a new mapping takes the place of may be refused by the guest's own wishes: 0, or -errno.
int64_t AddressSpace::may_take(Range range, const PageUse& use) const {
    uint64_t replaced = 0;
    bool sealed = false;
    book_.for_each_mapped(range.start, range.end, [&](const PageRun& run) {
        replaced += run.bytes();
        sealed |= run.use.has(kSealed);
    });
    if (sealed) return -EPERM;
    return fits(range.bytes() - replaced, use) ? 0 : -ENOMEM;
}

// Puts a stage where it goes; it is gone afterwards, also when there is an error.
int64_t AddressSpace::put(Range range, const Stage& stage, const PageUse& use) {
    const int64_t allowed = may_take(range, use);
    if (allowed >= 0) return move_in(stage, range, use);
    kernel(SYS_munmap, stage.at, stage.bytes);
    return allowed;
}

int64_t AddressSpace::map_at(Range range, const Wanted& wanted, const Stage& stage) {
    const bool is_private = (wanted.flags & MAP_TYPE) == MAP_PRIVATE || (wanted.flags & MAP_TYPE) == kDroppable;
    PageUse use{.kind = is_private ? PageKind::Private : PageKind::Shared, .prot = static_cast<uint8_t>(wanted.prot)};
    int64_t result = 0;
    if (stage.at == nullptr) {
        use.kind = PageKind::Anon;
        result = may_take(range, use);
        if (result >= 0) result = map_anonymous(range, use, wanted.flags);
    } else {
        use.mapping = next_mapping_++;
        use.origin = range.start - static_cast<uint64_t>(wanted.offset);
        result = put(range, stage, use);
    }
    return result < 0 ? result : lock_if_asked(range, wanted.flags);
}

int64_t AddressSpace::map_anonymous(Range range, const PageUse& use, int flags) {
    const int64_t renewed = renew(range);
    if (renewed < 0) return renewed;
    if (use.prot != PROT_NONE) {
        const long result = kernel(SYS_mprotect, host(range.start), range.bytes(), int{use.prot});
        if (is_kernel_error(result)) {
            give_up(range);
            return result;
        }
    }
    book_.set(range.start, range.end, use);
    if ((flags & MAP_POPULATE) != 0 && (use.prot & PROT_WRITE) != 0) {
        kernel(SYS_madvise, host(range.start), range.bytes(), MADV_POPULATE_WRITE);  // a wish: errors are not told
    }
    return static_cast<int64_t>(range.start);
}

// MAP_LOCKED and mlockall(MCL_FUTURE): the limit is checked, and only the limit can make the mapping fail.
int64_t AddressSpace::lock_if_asked(Range range, int flags) {
    const bool asked = (flags & MAP_LOCKED) != 0;
    if (!asked && lock_future_ == 0) return static_cast<int64_t>(range.start);
    const long locked = kernel(SYS_mlock2, host(range.start), range.bytes(), MLOCK_ONFAULT);
    if (is_kernel_error(locked)) {
        give_up(range);
        return locked == -EPERM ? -EPERM : -EAGAIN;
    }
    PageUse use = book_.at(range.start).use;
    const bool now = asked || (lock_future_ & MCL_ONFAULT) == 0;
    use.traits |= now ? kLocked : kLocked | kOnFault;
    some_in_child_ |= kLocked;
    book_.set(range.start, range.end, use);
    if (now) kernel(SYS_mlock2, host(range.start), range.bytes(), 0);
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
    return is_sealed(range) ? -EPERM : free_range(range);
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
        if (run.use.has(kSealed)) return -EPERM;
        const uint64_t end = std::min(run.end, range.end);
        const bool was_data = run.use.is_data();
        run.use.prot = static_cast<uint8_t>(prot & kGuestAccess);
        if (!was_data && run.use.is_data() && book_.data_bytes() + (end - at) > max_data_) return -ENOMEM;
        if (end - at < run.bytes() && too_many_runs()) return -ENOMEM;
        const long result = kernel(SYS_mprotect, host(at), end - at, prot & kGuestAccess);
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
    const PageUse use{.kind = PageKind::Anon, .prot = kGuestAccess};
    if (!fits(new_bytes - old_bytes, use) || renew({old_bytes, new_bytes}) < 0) return false;
    book_.set(old_bytes, new_bytes, use);
    return true;
}

[[gnu::hot]] void AddressSpace::begin_child() {
    lock_future_ = 0;
    if (some_in_child_ == 0) return;
    // MADV_DONTFORK is not given to the host, which would leave a hole here. Memory locks are not inherited.
    std::vector<PageRun> changed;
    book_.for_each_mapped(0, book_.limit(), [&](const PageRun& run) {
        if (run.use.has(kDontFork | kLocked)) changed.push_back(run);
    });
    for (PageRun& run : changed) {
        if (run.use.has(kDontFork)) {
            const Range gone{run.start, run.end};
            if (free_range(gone) < 0) drop(gone);  // at least what it held
            continue;
        }
        run.use.traits &= static_cast<Traits>(~(kLocked | kOnFault));
        book_.set(run.start, run.end, run.use);
    }
    some_in_child_ = 0;
}

}  // namespace wali
