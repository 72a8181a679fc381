// SPDX-License-Identifier: Apache-2.0
#include <wasm/file_bytes.h>
#include <wasm/sealed_memory.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

// Of Linux 6.3; later systems may demand it.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace wasm {
namespace {

constexpr int kLengthBits = 40;
constexpr int64_t kMark = 0x57414C;
constexpr uint64_t kMostBytes = (uint64_t{1} << kLengthBits) - 1;
constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

}  // namespace

bool may_have_size(uint64_t bytes) {
    rlimit limit{};
    return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes <= limit.rlim_cur;
}

namespace {

int new_memory_file(const char* name) {
    constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    const int fd = ::memfd_create(name, kFlags | MFD_NOEXEC_SEAL);
    return fd >= 0 || errno != EINVAL ? fd : ::memfd_create(name, kFlags);
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

// Memory that is given back with the last who uses it.
struct Mapping {
    std::byte* at = nullptr;
    uint64_t bytes = 0;
    Mapping(void* p, uint64_t n) : at(p == MAP_FAILED ? nullptr : static_cast<std::byte*>(p)), bytes(n) {}
    ~Mapping() {
        if (at != nullptr) ::munmap(at, bytes);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
};

FileBytes bytes_of(std::shared_ptr<const Mapping> mapping, uint64_t size) {
    return {{reinterpret_cast<const uint8_t*>(mapping->at), size}, std::move(mapping)};
}

// By write() from a mapping: it is the fastest, and where the file ends meanwhile it ends too, without a signal.
uint64_t copy(int from, uint64_t size, int to) {
    const Mapping source(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, from, 0), size);
    uint64_t done = 0;
    while (source.at != nullptr && done < size) {
        const ssize_t n = ::write(to, source.at + done, size - done);
        if (n <= 0 && errno != EINTR) break;
        done += static_cast<uint64_t>(std::max<ssize_t>(n, 0));
    }
    return done;
}

std::optional<FileBytes> sealed_copy(int fd, uint64_t size) {
    if (!may_have_size(size)) return std::nullopt;
    const Descriptor memory(new_memory_file("module"));
    if (memory.get() < 0 || ::fchmod(memory.get(), 0) != 0) return std::nullopt;
    const uint64_t copied = copy(fd, size, memory.get());
    if (copied == 0 || ::fcntl(memory.get(), F_ADD_SEALS, kSizeSeals | F_SEAL_WRITE) != 0) return std::nullopt;
    auto mapping =
        std::make_shared<const Mapping>(::mmap(nullptr, copied, PROT_READ, MAP_SHARED, memory.get(), 0), copied);
    if (mapping->at == nullptr) return std::nullopt;
    return bytes_of(std::move(mapping), copied);
}

}  // namespace

int read_file(int fd, uint64_t size, FileBytes& file) {
    if (auto sealed = sealed_copy(fd, size)) {
        file = std::move(*sealed);
        return 0;
    }
    auto memory = std::make_shared<const Mapping>(
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), size);
    if (memory->at == nullptr) return errno;
    uint64_t done = 0;
    while (done < size) {
        const ssize_t n = ::pread(fd, memory->at + done, size - done, static_cast<off_t>(done));
        if (n == 0) break;
        if (n < 0 && errno != EINTR) return errno;
        done += static_cast<uint64_t>(std::max<ssize_t>(n, 0));
    }
    ::mprotect(memory->at, size, PROT_READ);
    file = bytes_of(std::move(memory), done);
    return 0;
}

bool is_sealed(const struct stat& file) { return S_ISREG(file.st_mode) && file.st_size >> kLengthBits == kMark; }

int make_sealed(const char* name, uint64_t bytes) {
    const int64_t size = kMark << kLengthBits | static_cast<int64_t>(bytes);
    if (bytes > kMostBytes || !may_have_size(static_cast<uint64_t>(size))) return -EFBIG;
    const int fd = new_memory_file(name);
    if (fd < 0) return -errno;
    // Without permissions, others of this user, too, have to work for it.
    if (::fchmod(fd, 0) == 0 && ::ftruncate(fd, size) == 0 && ::fcntl(fd, F_ADD_SEALS, kSizeSeals) == 0) {
        return fd;
    }
    const int error = errno;
    ::close(fd);
    return -error;
}

std::byte* map_sealed(int fd, uint64_t bytes) {
    // Only what is sealed keeps the size that it is seen to have.
    const int seals = ::fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & kSizeSeals) != kSizeSeals) return nullptr;
    struct stat file{};
    if (::fstat(fd, &file) != 0 || !is_sealed(file)) return nullptr;
    if ((static_cast<uint64_t>(file.st_size) & kMostBytes) != bytes) return nullptr;
    void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return at == MAP_FAILED ? nullptr : static_cast<std::byte*>(at);
}

}  // namespace wasm
