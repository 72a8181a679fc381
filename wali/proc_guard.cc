// SPDX-License-Identifier: Apache-2.0
#include "proc_guard.h"

#include "kernel.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <string_view>

namespace wali {

namespace {

constexpr unsigned kMemoryMajor = 1;  // /dev/mem 1, /dev/kmem 2, /dev/port 4

bool is_memory_device(dev_t device) {
    const unsigned number = minor(device);
    return major(device) == kMemoryMajor && (number == 1 || number == 2 || number == 4);
}

// /proc/PID/mem is the only writable file of procfs that can be positioned below zero: addresses are unsigned. The
// name would prove nothing (bind mounts), and the position is of no use to anyone when the answer is yes.
bool positions_like_memory(int fd) {
    constexpr long kNegative = -8192;  // outside the range of error numbers
    return kernel(SYS_lseek, fd, kNegative, SEEK_SET) == kNegative;
}

bool is_named(int fd, std::string_view last) {
    char link[32] = "/proc/self/fd/";
    size_t n = 14;
    char digits[12];
    size_t d = 0;
    for (unsigned v = static_cast<unsigned>(fd); d == 0 || v != 0; v /= 10)
        digits[d++] = static_cast<char>('0' + v % 10);
    while (d > 0) link[n++] = digits[--d];
    link[n] = '\0';
    char target[4096];
    const long length = kernel(SYS_readlinkat, AT_FDCWD, link, target, sizeof target);
    return length > 0 && std::string_view(target, static_cast<size_t>(length)).ends_with(last);
}

}  // namespace

bool is_memory_file(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return false;
    if (S_ISCHR(status.st_mode)) return is_memory_device(status.st_rdev);
    if (!S_ISREG(status.st_mode) || status.st_blocks != 0) return false;
    struct statfs system{};
    if (::fstatfs(fd, &system) != 0 || system.f_type != PROC_SUPER_MAGIC) return false;
    constexpr mode_t kOwnerMayWrite = 0600;
    if ((status.st_mode & 07777) == kOwnerMayWrite && positions_like_memory(fd)) return true;
    return is_named(fd, "/mem") || is_named(fd, "/kcore");
}

}  // namespace wali
