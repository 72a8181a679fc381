// SPDX-License-Identifier: Apache-2.0
#include "file_kind.h"

#include "kernel.h"

#include <wasm/sealed_memory.h>

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

namespace wali {

namespace {

constexpr unsigned kMemoryMajor = 1;  // /dev/mem 1, /dev/kmem 2, /dev/port 4

bool is_memory_device(dev_t device) {
    const unsigned number = minor(device);
    return major(device) == kMemoryMajor && (number == 1 || number == 2 || number == 4);
}

bool is_on_proc(int fd) {
    struct statfs system{};
    return ::fstatfs(fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

// Of files of procfs. The memory of a process is 0600 and nobody can change that; most others have no size. The
// machine's can be given other permissions, but its size is that of all addresses; a dump of it is 0400.
FileKind kind_on_proc(const struct stat& status) {
    constexpr mode_t kPermissions = 07777;
    constexpr mode_t kOnlyOwnerUses = 0600;
    constexpr mode_t kOnlyOwnerReads = 0400;
    constexpr int64_t kNoFileIsSoLarge = int64_t{1} << 32;
    const mode_t permissions = status.st_mode & kPermissions;
    if (status.st_size >= kNoFileIsSoLarge) return FileKind::Forbidden;
    if (status.st_size > 0) return permissions == kOnlyOwnerReads ? FileKind::Forbidden : FileKind::Plain;
    return permissions == kOnlyOwnerUses ? FileKind::Unclear : FileKind::OfProc;
}

}  // namespace

FileKind kind_of(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return FileKind::Forbidden;
    if (S_ISCHR(status.st_mode)) return is_memory_device(status.st_rdev) ? FileKind::Forbidden : FileKind::Plain;
    if (!S_ISREG(status.st_mode)) return FileKind::Plain;
    if (wasm::is_sealed(status)) return FileKind::Forbidden;
    if (status.st_blocks != 0 || !is_on_proc(fd)) return FileKind::Plain;
    return kind_on_proc(status);
}

// /proc/PID/mem is the only writable file of procfs that can be positioned below zero: addresses are unsigned. The
// position is of no use to anyone when the answer is yes.
bool positions_like_memory(int fd) {
    constexpr long kNegative = -8192;  // outside the range of error numbers
    return kernel(SYS_lseek, fd, kNegative, SEEK_SET) == kNegative;
}

}  // namespace wali
