// SPDX-License-Identifier: Apache-2.0
#include "fd_table.h"

#include <fcntl.h>
#include <unistd.h>

namespace shims::wasi {

FdTable::FdTable() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        host_.push_back(fcntl(fd, F_GETFD) < 0 ? kClosed : fd);
    }
}

bool FdTable::close(Fd fd) {
    const int host_fd = host(fd);
    if (host_fd == kClosed) return false;
    host_[static_cast<size_t>(fd)] = kClosed;
    ::close(host_fd);
    return true;
}

}  // namespace shims::wasi
