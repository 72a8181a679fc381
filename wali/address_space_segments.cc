// SPDX-License-Identifier: Apache-2.0
// System V shared memory: segments attached inside of linear memory. The kernel counts who has a segment attached by
// the mappings of it, so they are the kernel's own mappings here too, and end as mappings do: by munmap, exec, or exit.
#include "address_space.h"
#include "kernel.h"

#include <sys/shm.h>

#include <cerrno>

namespace wali {

namespace {

// The kernel's struct shmid64_ds, as far as it is looked at; guests of x86-64 have the same.
struct SegmentState {
    uint8_t permissions[48];
    uint64_t bytes;
    uint8_t rest[56];
};

// What attaching it would give, in a place of the host's choice: the address, or -errno.
int64_t attach_anywhere(int id, int flags, SegmentState& state) {
    const long at = kernel(SYS_shmat, id, nullptr, flags & ~(SHM_RND | SHM_REMAP));
    if (is_kernel_error(at)) return at;
    // As long as it is attached, the number is this segment's and nobody else's.
    const long known = kernel(SYS_shmctl, id, IPC_STAT, &state);
    if (!is_kernel_error(known)) return at;
    kernel(SYS_shmdt, at);
    return known;
}

}  // namespace

int64_t AddressSpace::attach_segment(int id, uint32_t address, int flags) {
    const bool anywhere = address == 0;
    const bool replace = (flags & SHM_REMAP) != 0;
    if (id < 0 || (anywhere && replace)) return -EINVAL;
    if (!is_page_aligned(address)) {
        if ((flags & SHM_RND) == 0) return -EINVAL;
        address -= address % uint32_t{kGuestPage};
        if (address == 0 && replace) return -EINVAL;
    }
    SegmentState state{};
    const int64_t at = attach_anywhere(id, flags, state);
    if (at < 0) return at;
    const int prot = (flags & SHM_RDONLY) != 0 ? PROT_READ : kGuestAccess;
    Stage stage{.prot = prot};
    const int64_t measured = measure_stage(reinterpret_cast<std::byte*>(at), state.bytes, stage);
    if (measured < 0) return measured;
    if ((flags & SHM_EXEC) != 0) kernel(SYS_mprotect, stage.at, stage.bytes, prot);
    int64_t result = 0;
    {
        const std::lock_guard guard(lock_);
        const int fixed = anywhere ? 0 : replace ? MAP_FIXED : MAP_FIXED_NOREPLACE;
        result = too_many_runs() ? -ENOMEM : place(address, stage.bytes, fixed, stage.alignment);
        if (result >= 0) {
            const auto start = static_cast<uint64_t>(result);
            const PageUse use{.kind = PageKind::Shared,
                              .prot = static_cast<uint8_t>(prot),
                              .traits = kSegment,
                              .mapping = next_mapping_++,
                              .origin = start};
            result = put({start, start + stage.bytes}, stage, use);
        } else {
            kernel(SYS_munmap, stage.at, stage.bytes);
        }
    }
    return result == -EEXIST ? -EINVAL : publish(result, stage.bytes);
}

// All that is left of the segment that was attached there. Parts of it may have been unmapped, or moved elsewhere.
int64_t AddressSpace::detach_segment(uint32_t address) {
    if (!is_page_aligned(address)) return -EINVAL;
    const std::lock_guard guard(lock_);
    uint32_t mapping = 0;
    std::vector<Range> parts;
    book_.for_each_mapped(address, book_.limit(), [&](const PageRun& run) {
        if (!run.use.has(kSegment) || run.use.origin != address) return;
        if (mapping == 0) mapping = run.use.mapping;
        if (mapping == run.use.mapping) parts.push_back({run.start, run.end});
    });
    for (const Range& part : parts) {
        const int64_t freed = is_sealed(part) ? -EPERM : free_range(part);
        if (freed < 0) return freed;
    }
    return parts.empty() ? -EINVAL : 0;
}

}  // namespace wali
