// SPDX-License-Identifier: Apache-2.0
#include <wasm/sealed_memory.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

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

int new_memory_file(const char* name) {
    constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    const int fd = ::memfd_create(name, kFlags | MFD_NOEXEC_SEAL);
    return fd >= 0 || errno != EINVAL ? fd : ::memfd_create(name, kFlags);
}

}  // namespace

bool may_have_size(uint64_t bytes) {
    rlimit limit{};
    return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes <= limit.rlim_cur;
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
