// SPDX-License-Identifier: Apache-2.0
// The one door: whatever opens a file for a guest is here (tests/house/opening.py). A guest opens everything that its
// user may, except files through which it could reach the memory of its own runtime (/proc/PID/mem, by whatever name,
// link, mount or descriptor it is found; /dev/mem; the runtime's sealed memory).
// No other thread of the guest can see, duplicate or replace a descriptor that reads or writes before the file has been
// judged by what it is. With other threads about, the file is therefore found first (O_PATH), kept at a number of the
// runtime's own, judged there, and that very file is opened.
#pragma once

#include "dispatch.h"
#include "file_kind.h"

#include <cstdint>

namespace wali {

struct OpenRequest {
    int dir;
    Path path;  // `at` is 0 if it is not the guest's
    uint64_t flags;
    uint64_t mode = 0;
    uint64_t resolve = 0;                // of openat2
    const FileHandle* handle = nullptr;  // of open_by_handle_at: in the place of a path, and `dir` is on its mount
};

// A descriptor or an error, as openat.
SysResult open_guarded(const Call& call, const OpenRequest& request);

// A file that has been found, or the one that a descriptor leads to, at a number the guest can neither use nor change.
class FoundFile {
  public:
    // As O_PATH finds it. Of the flags, O_NOFOLLOW and O_DIRECTORY count.
    FoundFile(const Call& call, const OpenRequest& request);
    FoundFile(const Call& call, int descriptor);
    ~FoundFile();
    FoundFile(const FoundFile&) = delete;
    FoundFile& operator=(const FoundFile&) = delete;

    // A failure, or a signal that comes first: then there is no file.
    SysResult result() const { return result_; }
    int fd() const { return fd_; }
    uint32_t type() const;  // S_IFREG, …
    // Opens it in the guest's table, unless it is one that no guest may open.
    SysResult open(uint64_t flags) const;

  private:
    void keep(long found);
    SysResult judge(FileKind kind, uint64_t flags) const;
    SysResult open_by_link(uint64_t flags) const;

    const Call& call_;
    OpenRequest request_;
    SysResult result_ = SysResult::ok(0);
    int fd_ = -1;
};

}  // namespace wali
