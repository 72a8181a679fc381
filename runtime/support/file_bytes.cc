// SPDX-License-Identifier: Apache-2.0
#include <wasm/file_bytes.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace wasm {

namespace {

constexpr uint64_t kHugePage = uint64_t{2} << 20;  // of most machines; another size costs speed alone

// Memory that is given back with the last who uses it.
class Mapping {
  public:
    // Large files get memory in huge pages where the host has such: that takes a tenth of the time to fill, and to copy
    // the page tables of a process that forks.
    explicit Mapping(uint64_t bytes) {
        const bool huge = bytes >= kHugePage / 2;
        const uint64_t rounded = huge ? (bytes + kHugePage - 1) / kHugePage * kHugePage : bytes;
        const uint64_t spare = huge ? kHugePage : 0;
        void* const found = ::mmap(nullptr, rounded + spare, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (found == MAP_FAILED) return;
        at_ = static_cast<std::byte*>(found);
        bytes_ = rounded;
        if (!huge) return;
        const uint64_t before = (kHugePage - reinterpret_cast<uintptr_t>(found) % kHugePage) % kHugePage;
        if (before != 0) ::munmap(at_, before);
        ::munmap(at_ + before + rounded, spare - before);
        at_ += before;
        ::madvise(at_, bytes_, MADV_HUGEPAGE);
    }
    ~Mapping() {
        if (at_ != nullptr) ::munmap(at_, bytes_);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    std::byte* at() const { return at_; }
    void make_constant() const { ::mprotect(at_, bytes_, PROT_READ); }

  private:
    std::byte* at_ = nullptr;
    uint64_t bytes_ = 0;
};

}  // namespace

int read_file(int fd, uint64_t size, FileBytes& file) {
    auto memory = std::make_shared<const Mapping>(size);
    if (memory->at() == nullptr) return ENOMEM;
    uint64_t done = 0;
    while (done < size) {
        const ssize_t n = ::pread(fd, memory->at() + done, size - done, static_cast<off_t>(done));
        if (n == 0) break;
        if (n < 0 && errno != EINTR) return errno;
        done += static_cast<uint64_t>(std::max<ssize_t>(n, 0));
    }
    memory->make_constant();
    file = {{reinterpret_cast<const uint8_t*>(memory->at()), done}, memory};
    return 0;
}

}  // namespace wasm
