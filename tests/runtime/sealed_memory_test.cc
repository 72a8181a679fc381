// SPDX-License-Identifier: Apache-2.0
// Files that only memory is made of: their mark and their size stay, and what is no such file is not mapped.
#include <wasm/sealed_memory.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

using namespace wasm;

namespace {

constexpr uint64_t kBytes = 8192;

struct File {
    int fd;
    ~File() { close(fd); }
    bool is_sealed() const {
        struct stat info{};
        REQUIRE(fstat(fd, &info) == 0);
        return wasm::is_sealed(info);
    }
};

}  // namespace

TEST_CASE("a sealed file keeps its size, and two who map it share it") {
    const File file{make_sealed("test", kBytes)};
    REQUIRE(file.fd >= 0);
    CHECK(file.is_sealed());
    CHECK((fcntl(file.fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(ftruncate(file.fd, 0) == -1);
    CHECK(ftruncate(file.fd, kBytes * 2) == -1);
    CHECK(fcntl(file.fd, F_ADD_SEALS, F_SEAL_WRITE) == -1);
    REQUIRE(fchmod(file.fd, 0666) == 0);
    CHECK(file.is_sealed());
    std::byte* const one = map_sealed(file.fd, kBytes);
    std::byte* const other = map_sealed(file.fd, kBytes);
    REQUIRE((one != nullptr && other != nullptr));
    CHECK(one[kBytes - 1] == std::byte{0});
    one[kBytes - 1] = std::byte{7};
    CHECK(other[kBytes - 1] == std::byte{7});
    munmap(one, kBytes);
    munmap(other, kBytes);
}

TEST_CASE("only sealed files of the right size are mapped") {
    const File file{make_sealed("test", kBytes)};
    CHECK(map_sealed(file.fd, kBytes * 2) == nullptr);
    CHECK(map_sealed(file.fd, kBytes / 2) == nullptr);
    CHECK(map_sealed(-1, kBytes) == nullptr);

    const File open{memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    REQUIRE(ftruncate(open.fd, kBytes) == 0);
    CHECK_FALSE(open.is_sealed());
    struct stat info{};
    REQUIRE(fstat(file.fd, &info) == 0);
    REQUIRE(ftruncate(open.fd, info.st_size) == 0);
    CHECK(open.is_sealed());
    CHECK(map_sealed(open.fd, kBytes) == nullptr);  // its size can still change
}

TEST_CASE("a limit on the size of files is an error, not a signal") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit small{kBytes - 1, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    const int fd = make_sealed("test", kBytes);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK(fd == -EFBIG);
}
