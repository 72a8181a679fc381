// SPDX-License-Identifier: Apache-2.0
#include "open_guard.h"

#include "kernel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <string>
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

// Files of procfs that only the memory of a process (0600) or of the machine (0400, with a size) looks like, whatever
// they are called: a mount may hide the name, a chroot the place to ask for it.
constexpr mode_t kOnlyOwnerUses = 0600;
bool looks_like_machine(const struct stat& status) {
    constexpr mode_t kOnlyOwnerReads = 0400;
    return (status.st_mode & 07777) == kOnlyOwnerReads && status.st_size > 0;
}

std::string own_link(int fd, std::string_view proc = "/proc/") { return fmt::format("{}self/fd/{}", proc, fd); }
bool is_on_proc(int fd) {
    struct statfs system{};
    return ::fstatfs(fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

std::string name_of(int fd) {
    char target[4096];
    const long length = kernel(SYS_readlinkat, AT_FDCWD, own_link(fd).c_str(), target, sizeof target);
    return length > 0 ? std::string(target, static_cast<size_t>(length)) : std::string();
}
bool is_named(int fd, std::string_view last) { return name_of(fd).ends_with(last); }

}  // namespace

bool is_memory_file(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return false;
    if (S_ISCHR(status.st_mode)) return is_memory_device(status.st_rdev);
    if (!S_ISREG(status.st_mode) || status.st_blocks != 0) return false;
    if (!is_on_proc(fd)) return false;
    if ((status.st_mode & 07777) == kOnlyOwnerUses && positions_like_memory(fd)) return true;
    return looks_like_machine(status) || is_named(fd, "/mem") || is_named(fd, "/kcore");
}

namespace {

// A file that has been found, at a number the guest can neither use nor change.
class Probe {
  public:
    Probe(FdGuard& guard, int found) : guard_(guard), fd_(guard.pin(found)) { kernel(SYS_close, found); }
    ~Probe() {
        if (fd_ >= 0) guard_.unpin(fd_);
    }
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    int fd() const { return fd_; }  // -1: no room for it
    mode_t type() const {
        struct stat status{};
        return ::fstat(fd_, &status) == 0 ? status.st_mode & S_IFMT : 0;
    }

  private:
    FdGuard& guard_;
    int fd_;
};

SysResult open_directly(const OpenRequest& r) {
    if (r.resolve == 0) {
        return SysResult::from_kernel(kernel_interruptible(SYS_openat, r.dir, r.path.kernel, r.flags, r.mode));
    }
    open_how how{r.flags, r.mode, r.resolve};
    return SysResult::from_kernel(kernel_interruptible(SYS_openat2, r.dir, r.path.kernel, &how, sizeof how));
}

SysResult refuse(const Call& call) {
    call.process.log(wasm::LogLevel::Warn, "syscall", "refused: opening the memory of a process or of the machine");
    return SysResult::fail(EACCES);
}

SysResult open_then_check(const Call& call, const OpenRequest& r) {
    const SysResult opened = open_directly(r);
    if (opened.failed() || opened.not_started() || !is_memory_file(static_cast<int>(opened.value()))) return opened;
    kernel(SYS_close, opened.value());
    return refuse(call);
}

// The memory of a process, seen through an O_PATH descriptor, which cannot be positioned: by name, or because it looks
// so and is none of the kernel's parameters, which may.
bool leads_to_memory(const Probe& probe) {
    struct stat status{};
    if (::fstat(probe.fd(), &status) != 0) return true;
    if (S_ISCHR(status.st_mode)) return is_memory_device(status.st_rdev);
    if (!S_ISREG(status.st_mode) || !is_on_proc(probe.fd())) return false;
    const std::string name = name_of(probe.fd());
    if ((status.st_mode & 07777) == kOnlyOwnerUses && !name.starts_with("/proc/sys/")) return true;
    return looks_like_machine(status) || name.ends_with("/mem") || name.ends_with("/kcore");
}

// Where creating through a dangling symbolic link would create: the link's directory, and its target.
bool follow(const Call& call, OpenRequest& r, std::string& name, long& directory) {
    if (name.empty()) {
        const auto path = call.memory.load_string(r.path.at, 4096);
        if (!path) return false;
        name = *path;
    }
    const size_t slash = name.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : name.substr(0, slash + 1);
    const std::string last = slash == std::string::npos ? name : name.substr(slash + 1);
    const long above = kernel(SYS_openat, r.dir, parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (above < 0) return false;
    char target[4096];
    const long length = kernel(SYS_readlinkat, above, last.c_str(), target, sizeof target - 1);
    if (directory >= 0) kernel(SYS_close, directory);
    directory = above;
    if (length <= 0) return false;
    name.assign(target, static_cast<size_t>(length));
    r.dir = static_cast<int>(above);
    r.path = {name.c_str(), {}};
    return true;
}

// Creates what is not there. O_EXCL never opens anything that exists; only a dangling link needs following by hand.
SysResult create(const Call& call, OpenRequest r) {
    constexpr int kMaxLinks = 40;
    std::string name;
    long directory = -1;
    r.flags |= O_EXCL;
    SysResult result = open_directly(r);
    for (int links = 0; result.failed_with(EEXIST) && links < kMaxLinks; ++links) {
        if (!follow(call, r, name, directory)) break;
        result = open_directly(r);
    }
    if (directory >= 0) kernel(SYS_close, directory);
    return result;
}

// A /proc that no name leads to; for root. Else negative.
long mount_proc() {
    const long making = kernel(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
    if (making < 0) return making;
    const long made = kernel(SYS_fsconfig, making, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    const long mounted = made < 0 ? made : kernel(SYS_fsmount, making, FSMOUNT_CLOEXEC, 0);
    kernel(SYS_close, making);
    return mounted;
}

// The very file that has been found.
SysResult open_found(const Call& call, const OpenRequest& r, const Probe& found) {
    const uint64_t flags = r.flags & ~uint64_t{O_CREAT | O_EXCL | O_NOFOLLOW};
    const std::string link = own_link(found.fd());
    const SysResult opened = open_then_check(call, {AT_FDCWD, {link.c_str(), {}}, flags});
    if (!opened.failed_with(ENOENT)) return opened;
    // A root directory without /proc. Who may not mount one has no devices of memory to open, either.
    const long mounted = mount_proc();
    if (mounted < 0) return open_then_check(call, r);
    const Probe proc(call.process.fds, static_cast<int>(mounted));
    const std::string again = own_link(found.fd(), "");
    // Another thread may have put something else at the number before it was out of reach.
    return is_on_proc(proc.fd()) ? open_then_check(call, {proc.fd(), {again.c_str(), {}}, flags})
                                 : SysResult::fail(EACCES);
}

// With other guest threads about, a descriptor could be used between opening and checking. So the file is found first
// (O_PATH), checked, and that very file is then opened.
SysResult find_check_open(const Call& call, const OpenRequest& r) {
    OpenRequest finding = r;
    finding.flags = O_PATH | O_CLOEXEC | (r.flags & (O_NOFOLLOW | O_DIRECTORY));
    finding.mode = 0;
    constexpr int kAttempts = 100;  // of a race with other processes that create and remove the same name
    for (int i = 0; i < kAttempts; ++i) {
        const SysResult found = open_directly(finding);
        if (found.failed_with(ENOENT) && (r.flags & O_CREAT) != 0) {
            const SysResult created = create(call, r);
            if (created.failed_with(EEXIST)) continue;
            return created;
        }
        if (found.failed() || found.not_started()) return found;
        const Probe probe(call.process.fds, static_cast<int>(found.value()));
        if (probe.fd() < 0) return SysResult::fail(EMFILE);
        if (probe.type() == S_IFLNK) return SysResult::fail(ELOOP);
        if (probe.type() == S_IFDIR && (r.flags & O_CREAT) != 0) return SysResult::fail(EISDIR);
        if (leads_to_memory(probe)) return refuse(call);
        return open_found(call, r, probe);
    }
    return SysResult::fail(ENOENT);
}

}  // namespace

SysResult open_guarded(const Call& call, const OpenRequest& request) {
    const bool harmless = (request.flags & O_PATH) != 0 || (request.flags & O_TMPFILE) == O_TMPFILE ||
                          (request.flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    if (harmless) return open_directly(request);
    const bool alone = call.process.live_threads.load(std::memory_order_relaxed) == 1;
    return alone ? open_then_check(call, request) : find_check_open(call, request);
}

}  // namespace wali
