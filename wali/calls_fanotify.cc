// SPDX-License-Identifier: Apache-2.0
// Events of files. Those of most groups carry descriptors that the kernel opens when they are read, past every look at
// what is opened: so it is the marks that are judged. Nothing on procfs is marked, where memory could be opened; a mark
// on anything else never tells of what is there, for events stay within a file system.
#include "calls.h"
#include "dispatch.h"
#include "open_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <string>

namespace wali {

namespace {

class Descriptor {
  public:
    explicit Descriptor(long fd) : fd_(static_cast<int>(fd)) {}
    ~Descriptor() {
        if (fd_ >= 0) kernel(SYS_close, fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

bool is_on_proc(int fd) {
    struct statfs system{};
    return ::fstatfs(fd, &system) != 0 || system.f_type == PROC_SUPER_MAGIC;
}
bool may_be_marked(int fd) { return !is_on_proc(fd) && !is_memory_file(fd); }

// The folder of this process's descriptors: from a root of procfs, without anything that is mounted over it.
long own_links() {
    constexpr ino_t kRootOfProc = 1;
    const Descriptor root(kernel(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    if (root.get() < 0 || !is_on_proc(root.get()) || ::fstat(root.get(), &status) != 0) return -ENOENT;
    if (status.st_ino != kRootOfProc) return -EACCES;
    open_how how{O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_NO_XDEV};
    return kernel(SYS_openat2, root.get(), "self/fd", &how, sizeof how);
}

}  // namespace

SysResult sys_fanotify_mark(Call& call, Fd group, MarkFlags flags, ULong mask, DirFd dir, Path path) {
    const auto mark = [&](int flag_bits, int folder, const char* name) {
        return call.kernel(group.value, flag_bits, mask.value, folder, name);
    };
    if ((flags.value & FAN_MARK_ADD) == 0) return mark(flags.value, dir.value, path.kernel);
    // What is wrong with the other arguments comes first.
    const SysResult verdict = mark(flags.value, AT_FDCWD, reinterpret_cast<const char*>(bad_pointer()));
    if (!verdict.failed_with(EFAULT)) return verdict;
    // Another thread could put something else in the place of what has been judged.
    if (call.process.live_threads.load() != 1) return SysResult::fail(EPERM);
    if (path.kernel == nullptr) {
        const bool open = dir.value >= 0 && kernel(SYS_fcntl, dir.value, F_GETFD) >= 0;
        return open && !may_be_marked(dir.value) ? SysResult::fail(EPERM) : mark(flags.value, dir.value, nullptr);
    }
    const int follows = (flags.value & FAN_MARK_DONT_FOLLOW) != 0 ? O_NOFOLLOW : 0;
    const int folder = (flags.value & FAN_MARK_ONLYDIR) != 0 ? O_DIRECTORY : 0;
    const Descriptor found(kernel(SYS_openat, dir.value, path.kernel, O_PATH | O_CLOEXEC | follows | folder));
    if (found.get() < 0) return SysResult::from_kernel(found.get());
    if (!may_be_marked(found.get())) return SysResult::fail(EPERM);
    const Descriptor links(own_links());
    if (links.get() < 0) return SysResult::from_kernel(links.get());
    return mark(flags.value & ~FAN_MARK_DONT_FOLLOW, links.get(), std::to_string(found.get()).c_str());
}

}  // namespace wali
