// SPDX-License-Identifier: Apache-2.0
#include "text_file.h"

#include "kernel.h"

#include <wasm/write_quietly.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

namespace wali {

namespace {

// RLIMIT_FSIZE is for what the guest writes: here it does not hold, as far as it may be lifted.
class FileSizeLimit {
  public:
    FileSizeLimit() {
        if (kernel(SYS_prlimit64, 0, RLIMIT_FSIZE, nullptr, &before_) != 0 || before_.rlim_cur == RLIM_INFINITY) return;
        const rlimit lifted{before_.rlim_max, before_.rlim_max};
        lifted_ = kernel(SYS_prlimit64, 0, RLIMIT_FSIZE, &lifted, nullptr) == 0;
    }
    ~FileSizeLimit() {
        if (lifted_) kernel(SYS_prlimit64, 0, RLIMIT_FSIZE, &before_, nullptr);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    bool lifted_ = false;
};

}  // namespace

SysResult make_text_file(const char* name, std::string_view text, uint64_t flags) {
    const uint32_t close_on_exec = (flags & O_CLOEXEC) != 0 ? MFD_CLOEXEC : 0;
    const long fd = kernel(SYS_memfd_create, name, close_on_exec | MFD_ALLOW_SEALING);
    if (fd < 0) return SysResult::from_kernel(fd);
    bool written = false;
    {
        const FileSizeLimit lifted;
        written = wasm::write_quietly(static_cast<int>(fd), text);
    }
    kernel(SYS_lseek, fd, 0, SEEK_SET);
    kernel(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    if (written) return SysResult::ok(fd);
    kernel(SYS_close, fd);
    return SysResult::fail(EFBIG);
}

}  // namespace wali
