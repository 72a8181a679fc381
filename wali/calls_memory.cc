// SPDX-License-Identifier: Apache-2.0
// The mmap family and System V shared memory: everything happens in AddressSpace.
#include "address_space.h"
#include "calls.h"
#include "dispatch.h"

#include <sys/mman.h>
#include <sys/shm.h>

namespace wali {

namespace {

constexpr int kIpc64 = 0x100;  // some libcs ask so for the only form of the structures that there is
constexpr int kShmStatAny = 15;

uint32_t raw(GuestAddress a) { return wasm::raw(a.at); }

SysResult done(int64_t result) { return SysResult::from_kernel(static_cast<long>(result)); }

// The structure that a command of shmctl is about.
uint64_t bytes_of(int command) {
    switch (command) {
        case IPC_SET:
        case IPC_STAT:
        case SHM_STAT:
        case kShmStatAny: return sizeof(ShmidDs);
        case IPC_INFO: return sizeof(ShmLimits);
        case SHM_INFO: return sizeof(ShmUsage);
        default: return 0;
    }
}

}  // namespace

SysResult sys_mmap(Call& call, GuestAddress at, Size length, Protection prot, MapFlags flags, Fd fd, Offset offset) {
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
    return done(call.process.space.remap(raw(old_at), old_length.value, new_length.value, flags.value, raw(new_at)));
}

SysResult sys_remap_file_pages(Call& call, GuestAddress at, Size length, Protection prot, Size page, MapFlags flags) {
    return done(call.process.space.remap_pages(raw(at), length.value, prot.value, page.value, flags.value));
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

SysResult sys_mseal(Call& call, GuestAddress at, Size length, ULong flags) {
    return done(call.process.space.seal(raw(at), length.value, flags.value));
}

SysResult sys_shmat(Call& call, Int segment, GuestAddress at, ShmFlags flags) {
    return done(call.process.space.attach_segment(segment.value, raw(at), flags.value));
}

SysResult sys_shmdt(Call& call, GuestAddress at) { return done(call.process.space.detach_segment(raw(at))); }

SysResult sys_shmctl(Call& call, Int segment, ShmCommand command, GuestAddress argument) {
    const int plain = command.value & ~kIpc64;
    return call.kernel(segment.value, plain, call.kernel_range(argument.at, bytes_of(plain)));
}

}  // namespace wali
