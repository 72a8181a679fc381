// SPDX-License-Identifier: Apache-2.0
#include "own_links.h"

#include "kernel.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

#include <cstdio>

namespace wali {

namespace {

bool is_root_of_proc(long folder) {
    constexpr ino_t kRoot = 1;
    const int fd = static_cast<int>(folder);
    struct statfs system{};
    struct stat status{};
    return folder >= 0 && ::fstatfs(fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC &&
           ::fstat(fd, &status) == 0 && status.st_ino == kRoot;
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
long mounted_proc() { return kernel(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC); }

// Before Linux 6.12, who may mount could mount over a single link of the folder.
bool links_can_be_mounted_over() {
    constexpr int kMajor = 6;
    constexpr int kMinor = 12;
    utsname name{};
    int major = 0;
    int minor = 0;
    kernel(SYS_uname, &name);
    std::sscanf(name.release, "%d.%d", &major, &minor);
    return major < kMajor || (major == kMajor && minor < kMinor);
}

// By ways that cross no mount, so that it is what it is called.
long folder_of_links(long proc) {
    const open_how how{O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_NO_XDEV};
    const long folder = is_root_of_proc(proc) ? kernel(SYS_openat2, proc, "self/fd", &how, sizeof how) : -1;
    if (proc >= 0) kernel(SYS_close, proc);
    return folder;
}

}  // namespace

int OwnLinks::look() {
    const bool own_first = links_can_be_mounted_over();
    long folder = folder_of_links(own_first ? mount_proc() : mounted_proc());
    if (folder < 0) folder = folder_of_links(own_first ? mounted_proc() : mount_proc());
    if (folder < 0) return -1;
    const int fixed = fds_.fix(static_cast<int>(folder));
    kernel(SYS_close, folder);
    return fixed;
}

void OwnLinks::find() {
    if (folder() < 0) folder_.store(look());
}

void OwnLinks::find_in_new_root() {
    const int found = look();
    if (found < 0) return;
    forget();
    folder_.store(found);
}

void OwnLinks::forget() {
    const int old = folder();
    if (old < 0) return;
    folder_.store(-1);
    fds_.unpin(old);
}

}  // namespace wali
