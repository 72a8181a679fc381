// SPDX-License-Identifier: Apache-2.0
// The mmap family: everything happens in AddressSpace.
#include "address_space.h"
#include "calls.h"
#include "dispatch.h"

#include <sys/mman.h>

namespace wali {

namespace {

uint32_t raw(GuestAddress a) { return wasm::raw(a.at); }

SysResult done(int64_t result) { return SysResult::from_kernel(static_cast<long>(result)); }

bool exceeds_limit(const Call& call, uint64_t added) {
    const Process& process = call.process;
    return process.address_limit.is_set() && !process.address_limit.allows(process.space.mapped_bytes() + added);
}

}  // namespace

SysResult sys_mmap(Call& call, GuestAddress at, Size length, Protection prot, MapFlags flags, Fd fd, Offset offset) {
    const uint64_t added = (flags.value & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == MAP_FIXED ? 0 : length.value;
    if (exceeds_limit(call, added)) return SysResult::fail(ENOMEM);
    return done(call.process.space.map(raw(at), length.value, prot.value, flags.value, fd.value, offset.value));
}

SysResult sys_mprotect(Call& call, GuestAddress at, Size length, Protection prot) {
    return done(call.process.space.protect(raw(at), length.value, prot.value));
}

SysResult sys_munmap(Call& call, GuestAddress at, Size length) {
    return done(call.process.space.unmap(raw(at), length.value));
}

// There is no heap segment to move the end of; malloc implementations then use mmap, for good.
SysResult sys_brk(Call&, GuestAddress) { return SysResult::ok(0); }

SysResult sys_mremap(
    Call& call, GuestAddress old_at, Size old_length, Size new_length, MremapFlags flags, GuestAddress new_at) {
    if (new_length.value > old_length.value && exceeds_limit(call, new_length.value - old_length.value)) {
        return SysResult::fail(ENOMEM);
    }
    return done(call.process.space.remap(raw(old_at), old_length.value, new_length.value, flags.value, raw(new_at)));
}

SysResult sys_msync(Call& call, GuestAddress at, Size length, MsyncFlags flags) {
    return done(call.process.space.sync(raw(at), length.value, flags.value));
}

SysResult sys_mincore(Call& call, GuestAddress at, Size length, GuestAddress vec) {
    return done(call.process.space.residency(raw(at), length.value, raw(vec)));
}

SysResult sys_madvise(Call& call, GuestAddress at, Size length, MemoryAdvice advice) {
    return done(call.process.space.advise(raw(at), length.value, advice.value));
}

SysResult sys_mlock(Call& call, GuestAddress at, Size length) {
    return done(call.process.space.lock(raw(at), length.value, 0));
}

SysResult sys_mlock2(Call& call, GuestAddress at, Size length, MlockFlags flags) {
    return done(call.process.space.lock(raw(at), length.value, flags.value));
}

SysResult sys_munlock(Call& call, GuestAddress at, Size length) {
    return done(call.process.space.unlock(raw(at), length.value));
}

SysResult sys_mlockall(Call& call, MlockFlags flags) { return done(call.process.space.lock_all(flags.value)); }

SysResult sys_munlockall(Call& call) { return done(call.process.space.unlock_all()); }

}  // namespace wali
