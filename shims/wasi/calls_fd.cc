// SPDX-License-Identifier: Apache-2.0
// Calls on one descriptor.
#include "calls.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace shims::wasi {
namespace {

// More buffers than the kernel takes at once make a short transfer, which every caller must expect.
constexpr uint32_t kMostBuffers = 64;

FileType type_of(int host_fd, mode_t mode) {
    if (S_ISBLK(mode)) return FileType::BlockDevice;
    if (S_ISCHR(mode)) return FileType::CharacterDevice;
    if (S_ISDIR(mode)) return FileType::Directory;
    if (S_ISREG(mode)) return FileType::RegularFile;
    if (S_ISSOCK(mode)) {
        int type = 0;
        socklen_t size = sizeof type;
        getsockopt(host_fd, SOL_SOCKET, SO_TYPE, &type, &size);
        return type == SOCK_DGRAM ? FileType::SocketDgram : FileType::SocketStream;
    }
    return FileType::Unknown;  // a pipe: WASI has no name for it
}

uint64_t rights_of(int host_fd, FileType type, int open_flags) {
    uint64_t given = rights::kDevice;
    if (type == FileType::RegularFile) given = rights::kRegularFile;
    if (type == FileType::CharacterDevice && isatty(host_fd) == 1) given = rights::kTerminal;
    const int mode = open_flags & O_ACCMODE;
    if (mode == O_RDONLY) given &= ~rights::kFdWrite;
    if (mode == O_WRONLY) given &= ~rights::kFdRead;
    return given;
}

uint16_t fdflags_of(int open_flags) {
    uint16_t flags = 0;
    const auto add = [&](int host_flag, uint16_t flag) {
        if ((open_flags & host_flag) == host_flag) flags = static_cast<uint16_t>(flags | flag);
    };
    add(O_APPEND, fdflags::kAppend);
    add(O_DSYNC, fdflags::kDsync);
    add(O_NONBLOCK, fdflags::kNonblock);
    add(O_SYNC, fdflags::kSync);  // O_RSYNC is the same bit on Linux
    return flags;
}

// Copies the guest's buffer list once and turns it into the host's. The bytes themselves are left to the kernel.
class Buffers {
  public:
    Errno read(const Guest& guest, GuestRange<Iovec> list) {
        const auto* from = guest.at(raw(list.at), uint64_t{list.count} * sizeof(Iovec));
        if (from == nullptr) return Errno::Fault;
        count_ = static_cast<int>(std::min(list.count, kMostBuffers));
        for (int i = 0; i < count_; ++i) {
            const auto item = guest.load(GuestPtr<Iovec>{list.at} + static_cast<uint32_t>(i));
            if (!item) return Errno::Fault;
            std::byte* at = guest.at(item->buffer, item->length);
            if (at == nullptr) return Errno::Fault;
            items_[static_cast<size_t>(i)] = {at, item->length};
        }
        return Errno::Success;
    }
    const iovec* data() const { return items_.data(); }
    int count() const { return count_; }

  private:
    std::array<iovec, kMostBuffers> items_;
    int count_ = 0;
};

using Transfer = ssize_t (*)(int fd, const iovec* buffers, int count);

Errno transfer(
    Caller& caller, Context& context, Fd fd, GuestRange<Iovec> list, GuestPtr<uint32_t> done, Transfer call) {
    const int host_fd = context.fds.host(fd);
    if (host_fd == FdTable::kClosed) return Errno::Badf;
    const Guest guest(caller);
    Buffers buffers;
    WASI_TRY(buffers.read(guest, list));
    ssize_t n = 0;
    do {
        n = call(host_fd, buffers.data(), buffers.count());
    } while (n < 0 && errno == EINTR);
    if (n < 0) return from_host(errno);
    return guest.store(done, static_cast<uint32_t>(n));
}

Errno seek(Caller& caller, Context& context, Fd fd, int64_t delta, int host_whence, GuestPtr<uint64_t> at) {
    const int host_fd = context.fds.host(fd);
    if (host_fd == FdTable::kClosed) return Errno::Badf;
    struct stat info{};
    // lseek would succeed on a directory.
    if (fstat(host_fd, &info) == 0 && S_ISDIR(info.st_mode)) return Errno::Badf;
    const off_t offset = lseek(host_fd, delta, host_whence);
    if (offset < 0) return from_host(errno);
    return Guest(caller).store(at, static_cast<uint64_t>(offset));
}

}  // namespace

Errno fd_close(Caller&, Context& context, Fd fd) { return context.fds.close(fd) ? Errno::Success : Errno::Badf; }

Errno fd_fdstat_get(Caller& caller, Context& context, Fd fd, GuestPtr<Fdstat> out) {
    const int host_fd = context.fds.host(fd);
    if (host_fd == FdTable::kClosed) return Errno::Badf;
    struct stat info{};
    if (fstat(host_fd, &info) != 0) return from_host(errno);
    const int open_flags = fcntl(host_fd, F_GETFL);
    if (open_flags < 0) return from_host(errno);
    Fdstat stat{};
    stat.type = type_of(host_fd, info.st_mode);
    stat.flags = fdflags_of(open_flags);
    stat.rights_base = rights_of(host_fd, stat.type, open_flags);
    return Guest(caller).store(out, stat);
}

// No directory is granted yet, so no descriptor is a pre-opened one; a libc's search ends with the first BADF.
Errno fd_prestat_get(Caller&, Context&, Fd, GuestPtr<Prestat>) { return Errno::Badf; }
Errno fd_prestat_dir_name(Caller&, Context&, Fd, GuestRange<char>) { return Errno::Badf; }

Errno fd_read(Caller& caller, Context& context, Fd fd, GuestRange<Iovec> buffers, GuestPtr<uint32_t> got) {
    return transfer(caller, context, fd, buffers, got, &readv);
}

Errno fd_write(Caller& caller, Context& context, Fd fd, GuestRange<Iovec> buffers, GuestPtr<uint32_t> put) {
    return transfer(caller, context, fd, buffers, put, &writev);
}

Errno fd_seek(Caller& caller, Context& context, Fd fd, int64_t delta, uint32_t whence, GuestPtr<uint64_t> at) {
    constexpr int kWhence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    if (whence >= std::size(kWhence)) return Errno::Inval;
    return seek(caller, context, fd, delta, kWhence[whence], at);
}

Errno fd_seek_unstable(Caller& caller, Context& context, Fd fd, int64_t delta, uint32_t whence, GuestPtr<uint64_t> at) {
    constexpr int kWhence[] = {SEEK_CUR, SEEK_END, SEEK_SET};
    if (whence >= std::size(kWhence)) return Errno::Inval;
    return seek(caller, context, fd, delta, kWhence[whence], at);
}

Errno fd_tell(Caller& caller, Context& context, Fd fd, GuestPtr<uint64_t> at) {
    return seek(caller, context, fd, 0, SEEK_CUR, at);
}

}  // namespace shims::wasi
