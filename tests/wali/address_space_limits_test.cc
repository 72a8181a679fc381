// SPDX-License-Identifier: Apache-2.0
// Where something is refused: by the host, by limits of the guest's own, by seals; and mappings that the host rounds
// up.
#include "address_space_guest.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace {

// While it lives the host refuses this process every new mapping, also one in the place of another.
class NoMoreMappings {
  public:
    NoMoreMappings() {
        getrlimit(RLIMIT_AS, &before_);
        const rlimit none{1 << 20, before_.rlim_max};
        REQUIRE(setrlimit(RLIMIT_AS, &none) == 0);
    }
    ~NoMoreMappings() { setrlimit(RLIMIT_AS, &before_); }
    NoMoreMappings(const NoMoreMappings&) = delete;
    NoMoreMappings& operator=(const NoMoreMappings&) = delete;

  private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("what the host does not let us replace becomes inaccessible where it is", "[address_space][limits]") {
    Guest guest;
    TempFile file(std::string(4 * kPage, 'f'));
    const uint32_t a = guest.map(5 * kPage);
    std::memset(guest.base() + a, 0xAA, 5 * kPage);
    const uint32_t s = guest.map(3 * kPage, kRw, MAP_SHARED, 0, file.fd);
    int64_t unmapped = 0, shrunk = 0, fixed = 0, elsewhere = 0, shared = 0;
    {
        const NoMoreMappings refused;
        unmapped = guest.space.unmap(a + kPage, kPage);
        shrunk = guest.space.remap(a, kPage, 100, 0, 0);
        shared = guest.space.unmap(s + kPage, kPage);
        fixed = guest.space.map(a + 2 * kPage, kPage, kRw, kAnon | MAP_FIXED, -1, 0);
        elsewhere = guest.space.map(a + kPage, kPage, kRw, kAnon | MAP_FIXED, -1, 0);
    }
    CHECK(unmapped == 0);
    CHECK(shrunk == a);
    CHECK(shared == 0);
    CHECK(fixed == -ENOMEM);
    CHECK(elsewhere == -ENOMEM);
    CHECK(guest.whole());
    CHECK_FALSE(guest.readable(a + kPage));
    CHECK_FALSE(guest.readable(s + kPage));
    CHECK_FALSE(guest.space.is_mapped(a + kPage));
    CHECK(guest.at(a + 2 * kPage) == 0xAA);
    CHECK(guest.at(s + 2 * kPage) == 'f');
    // Later the same place is as good as any other.
    CHECK(guest.space.map(a + kPage, kPage, kRw, kAnon | MAP_FIXED_NOREPLACE, -1, 0) == a + kPage);
    CHECK(guest.at(a + kPage) == 0);
    CHECK(guest.map(kPage, kRw, kAnon, s + kPage) == s + kPage);
    CHECK(guest.at(s + kPage) == 0);
    CHECK(guest.whole());
}

TEST_CASE("room that was not replaced is used when no other is left", "[address_space][limits]") {
    Guest guest;
    const uint32_t all = guest.map(kLimit - kImage);
    {
        const NoMoreMappings refused;
        CHECK(guest.space.unmap(all + kPage, 8 * kPage) == 0);
    }
    CHECK(guest.map(8 * kPage) == all + kPage);
    CHECK(guest.at(all + kPage) == 0);
    CHECK(guest.space.map(0, kPage, kRw, kAnon, -1, 0) == -ENOMEM);
}

TEST_CASE("limits of the guest's own count what is mapped", "[address_space][limits]") {
    Guest guest;
    constexpr uint64_t kOwn = kImage - kPage;  // NULL is not mapped
    guest.space.set_limits(kOwn + 4 * kPage, UINT64_MAX);
    const uint32_t a = guest.map(3 * kPage);
    CHECK(guest.space.map(0, 2 * kPage, kRw, kAnon, -1, 0) == -ENOMEM);
    CHECK(guest.space.map(a, 3 * kPage, kRw, kAnon | MAP_FIXED, -1, 0) == a);
    CHECK(guest.space.remap(a, 3 * kPage, 5 * kPage, MREMAP_MAYMOVE, 0) == -ENOMEM);
    CHECK(guest.space.remap(a, 3 * kPage, 4 * kPage, MREMAP_MAYMOVE, 0) == a);
    CHECK_FALSE(guest.space.allow_grow(kImage, kImage + kPage));
    REQUIRE(guest.space.unmap(a, kPage) == 0);
    CHECK(guest.map(kPage) >= kImage);
    guest.space.set_limits(UINT64_MAX, kOwn + 5 * kPage);
    const uint32_t constant = guest.map(2 * kPage, PROT_READ);
    CHECK(guest.space.protect(constant, 2 * kPage, kRw) == -ENOMEM);
    CHECK(guest.space.protect(constant, kPage, kRw) == 0);
    CHECK(guest.space.map(0, kPage, kRw, kAnon, -1, 0) == -ENOMEM);
    CHECK(guest.space.map(0, kPage, PROT_READ, kAnon, -1, 0) > 0);
}

TEST_CASE("advice and locks that split mappings count", "[address_space][limits]") {
    Guest guest;
    const uint32_t a = guest.map(64 * kPage);
    guest.space.set_max_runs(guest.space.run_count() + 10);
    uint32_t done = 0;
    while (done < 32 && guest.space.advise(a + 2 * done * kPage, kPage, MADV_DONTDUMP) == 0) ++done;
    CHECK(done < 10);
    CHECK(guest.space.advise(a + 2 * done * kPage, kPage, MADV_DONTDUMP) == -EAGAIN);
    CHECK(guest.space.lock(a + 2 * done * kPage, kPage, 0) == -ENOMEM);
    CHECK(guest.space.advise(a + 2 * done * kPage, kPage, MADV_DONTNEED) == 0);
    for (uint32_t i = 0; i < done; ++i) REQUIRE(guest.space.advise(a + 2 * i * kPage, kPage, MADV_DODUMP) == 0);
    CHECK(guest.space.mappings().size() == 1);
}

TEST_CASE("sealed memory stays as it is", "[address_space]") {
    Guest guest;
    const uint32_t a = guest.map(4 * kPage);
    guest.at(a) = 7;
    CHECK(guest.space.seal(a, kPage, 1) == -EINVAL);
    CHECK(guest.space.seal(a + 1, kPage, 0) == -EINVAL);
    CHECK(guest.space.seal(a, 8 * kPage, 0) == -ENOMEM);
    CHECK(guest.space.seal(a, 2 * kPage, 0) == 0);
    CHECK(guest.space.unmap(a, kPage) == -EPERM);
    CHECK(guest.space.unmap(a + kPage, 3 * kPage) == -EPERM);
    CHECK(guest.space.protect(a, kPage, PROT_READ) == -EPERM);
    CHECK(guest.space.map(a, kPage, kRw, kAnon | MAP_FIXED, -1, 0) == -EPERM);
    CHECK(guest.space.remap(a, 2 * kPage, kPage, 0, 0) == -EPERM);
    CHECK(guest.space.remap(a, 2 * kPage, 8 * kPage, MREMAP_MAYMOVE, 0) == -EPERM);
    CHECK(guest.space.remap(a + 2 * kPage, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, a) == -EPERM);
    CHECK(guest.space.advise(a, kPage, MADV_DONTNEED) == 0);  // it can be written anyway
    CHECK(guest.at(a) == 0);
    const uint32_t constant = guest.map(kPage, PROT_READ);
    CHECK(guest.space.seal(constant, kPage, 0) == 0);
    CHECK(guest.space.advise(constant, kPage, MADV_DONTNEED) == -EPERM);
    CHECK(guest.space.unmap(a + 2 * kPage, 2 * kPage) == 0);
}

TEST_CASE("the host says how large a mapping with huge pages is", "[address_space]") {
    constexpr uint32_t kHuge = 2 << 20;
    const int fd = memfd_create("huge", MFD_HUGETLB | (21U << 26));
    if (fd < 0 || ftruncate(fd, 2 * kHuge) != 0) return;
    Guest guest;
    constexpr int kFlags = MAP_SHARED | MAP_NORESERVE;  // there need not be any such page
    const uint32_t a = guest.map(kPage, kRw, kFlags, 0, fd);
    CHECK(reinterpret_cast<uintptr_t>(guest.base() + a) % kHuge == 0);
    CHECK(guest.space.is_mapped(a + kHuge - 1));
    CHECK_FALSE(guest.space.is_mapped(a + kHuge));
    CHECK(guest.space.unmap(a, kPage) == -EINVAL);
    CHECK(guest.space.map(a, kPage, kRw, kAnon | MAP_FIXED, -1, 0) == -EINVAL);
    CHECK(guest.space.protect(a, kPage, PROT_READ) == -EINVAL);
    CHECK(guest.space.remap(a, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, a + kHuge) < 0);
    CHECK(guest.space.map(a + kPage, kPage, kRw, kFlags | MAP_FIXED, fd, 0) == -EINVAL);
    const uint64_t aligned = kHuge - reinterpret_cast<uintptr_t>(guest.base()) % kHuge;
    const auto last = static_cast<uint32_t>(aligned + (kLimit - aligned) / kHuge * kHuge);
    if (last < kLimit) CHECK(guest.space.map(last, kPage, kRw, kFlags | MAP_FIXED, fd, 0) == -ENOMEM);
    CHECK(guest.space.unmap(a, kHuge) == 0);
    CHECK_FALSE(guest.space.is_mapped(a));
    // Where there is such a page after all, it can be written.
    const int64_t own = guest.space.map(0, kPage, kRw, MAP_PRIVATE, fd, 0);
    if (own > 0) {
        guest.at(static_cast<uint32_t>(own)) = 7;
        CHECK(guest.at(static_cast<uint32_t>(own)) == 7);
    }
    CHECK(guest.whole());
    close(fd);
}
