// SPDX-License-Identifier: Apache-2.0
#include "support/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wasm {
namespace {

Error unreadable(const std::string& path, std::string_view why) {
    Error error;
    error.kind = ErrorKind::Resource;
    error.message = fmt::format("cannot read {}: {}", path, why);
    return error;
}

// Closes on every way out.
class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

// Everything up to the end of the file; 0 or an errno. EFBIG when there is more than `max_size`.
int read_all(int fd, uint64_t max_size, std::vector<uint8_t>& out) {
    constexpr size_t kChunk = size_t{1} << 16;
    while (true) {
        const size_t old_size = out.size();
        if (old_size > max_size) return EFBIG;
        out.resize(old_size + kChunk);
        const ssize_t n = ::read(fd, out.data() + old_size, kChunk);
        out.resize(old_size + (n > 0 ? static_cast<size_t>(n) : 0));
        if (n == 0) return 0;
        if (n < 0 && errno != EINTR) return errno;
    }
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path, uint64_t max_size) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return unreadable(path, std::strerror(errno));
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return unreadable(path, std::strerror(errno));
    if (S_ISDIR(info.st_mode)) return unreadable(path, std::strerror(EISDIR));
    std::shared_ptr<MappedFile> file(new MappedFile);
    if (S_ISREG(info.st_mode) && info.st_size > 0) {
        const auto size = static_cast<uint64_t>(info.st_size);
        if (size > max_size) return unreadable(path, std::strerror(EFBIG));
        void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
        if (mapping != MAP_FAILED) {
            file->mapping_ = mapping;
            file->bytes_ = {static_cast<const uint8_t*>(mapping), size};
            return std::shared_ptr<const MappedFile>(std::move(file));
        }
    }
    if (const int code = read_all(fd.get(), max_size, file->copy_); code != 0) {
        return unreadable(path, std::strerror(code));
    }
    file->bytes_ = file->copy_;
    return std::shared_ptr<const MappedFile>(std::move(file));
}

MappedFile::~MappedFile() {
    if (mapping_ != nullptr) ::munmap(mapping_, bytes_.size());
}

}  // namespace wasm
