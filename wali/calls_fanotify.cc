// SPDX-License-Identifier: Apache-2.0
// Events of files. Those of most groups carry descriptors that the kernel opens when they are read, past every look at
// what is opened: so it is the marks that are judged. Nothing on procfs is marked, where memory could be opened; a mark
// on anything else never tells of what is there, for events stay within a file system.
#include "calls.h"
#include "dispatch.h"
#include "file_kind.h"
#include "open_guard.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>

#include <string>

namespace wali {

namespace {

bool is_on_proc(int fd) {
    struct statfs system{};
    return ::fstatfs(fd, &system) != 0 || system.f_type == PROC_SUPER_MAGIC;
}
bool may_be_marked(int fd) { return !is_on_proc(fd) && !is_forbidden(fd); }

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
    const FoundFile found(call, {dir.value, path, static_cast<uint64_t>(follows | folder)});
    if (found.fd() < 0) return found.result();
    if (!may_be_marked(found.fd())) return SysResult::fail(EPERM);
    call.process.links.find();
    const int links = call.process.links.folder();
    if (links < 0) return SysResult::fail(ENOENT);
    return mark(flags.value & ~FAN_MARK_DONT_FOLLOW, links, std::to_string(found.fd()).c_str());
}

}  // namespace wali
