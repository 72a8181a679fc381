// SPDX-License-Identifier: Apache-2.0
// The mmap family on a reservation of plain bytes: what the guest sees, and that the host never finds a hole.
#include "address_space_guest.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

TEST_CASE("what NULL points to is inaccessible where nothing is kept there, and never mapped", "[address_space]") {
    Guest plain;
    CHECK(plain.writable(0));
    CHECK_FALSE(plain.space.is_mapped(0));
    Guest guest(4 * kPage);
    CHECK_FALSE(guest.readable(0));
    CHECK_FALSE(guest.readable(4 * kPage - 1));
    CHECK(guest.writable(4 * kPage));
    CHECK_FALSE(guest.space.is_mapped(4 * kPage - 1));
    CHECK(guest.space.is_mapped(4 * kPage));
    CHECK(guest.space.map(kPage, kPage, kRw, kAnon | MAP_FIXED, -1, 0) == -EPERM);
    CHECK(guest.space.protect(kPage, kPage, kRw) == -ENOMEM);
    CHECK(guest.space.unmap(0, 8 * kPage) == 0);
    CHECK_FALSE(guest.space.is_mapped(4 * kPage));
    CHECK(guest.map(kPage, kRw, kAnon, 2 * kPage) >= 4 * kPage);
    CHECK(guest.whole());
}

TEST_CASE("anonymous pages are zero, also when a range is used again", "[address_space]") {
    Guest guest;
    const uint32_t a = guest.map(3 * kPage);
    CHECK(a >= kImage);
    CHECK(a % kPage == 0);
    for (uint32_t i = 0; i < 3 * kPage; ++i) REQUIRE(guest.at(a + i) == 0);
    std::memset(guest.base() + a, 0xAA, 3 * kPage);
    REQUIRE(guest.space.unmap(a, 3 * kPage) == 0);
    CHECK_FALSE(guest.readable(a));
    const uint32_t b = guest.map(3 * kPage);
    CHECK(b == a);
    for (uint32_t i = 0; i < 3 * kPage; ++i) REQUIRE(guest.at(b + i) == 0);
    std::memset(guest.base() + a, 0xAA, 3 * kPage);
    REQUIRE(guest.space.map(a, kPage, kRw, kAnon | MAP_FIXED, -1, 0) == a);
    CHECK(guest.at(a) == 0);
    CHECK(guest.at(a + kPage) == 0xAA);
    CHECK(guest.whole());
}

TEST_CASE("mmap refuses what the kernel refuses", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    CHECK(space.map(0, 0, kRw, kAnon, -1, 0) == -EINVAL);
    CHECK(space.map(0, kPage, kRw, kAnon, -1, 1) == -EINVAL);
    CHECK(space.map(0, kPage, kRw, MAP_ANONYMOUS, -1, 0) == -EINVAL);
    CHECK(space.map(0, kPage, kRw, MAP_PRIVATE, -1, 0) == -EBADF);
    CHECK(space.map(0, 0, kRw, MAP_PRIVATE, -1, 0) == -EBADF);
    CHECK(space.map(kImage + 1, kPage, kRw, kAnon | MAP_FIXED, -1, 0) == -EINVAL);
    CHECK(space.map(0, kPage, kRw, kAnon | MAP_FIXED, -1, 0) == -EPERM);
    CHECK(space.map(kLimit, kPage, kRw, kAnon | MAP_FIXED, -1, 0) == -ENOMEM);
    CHECK(space.map(0xFFFFF000, 0xFFFFFFFF, kRw, kAnon | MAP_FIXED, -1, 0) == -ENOMEM);
    CHECK(space.map(0, 0xFFFFFFFF, kRw, kAnon, -1, 0) == -ENOMEM);
    CHECK(space.map(kImage - kPage, 2 * kPage, kRw, kAnon | MAP_FIXED_NOREPLACE, -1, 0) == -EEXIST);
    CHECK(space.map(kImage, 2 * kPage, kRw, kAnon | MAP_FIXED_NOREPLACE, -1, 0) == kImage);
    TempFile file("x");
    CHECK(space.map(0, 0, kRw, MAP_PRIVATE, file.fd, 0) == -EINVAL);
    const int read_only = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    CHECK(space.map(0, kPage, kRw, MAP_SHARED, read_only, 0) == -EACCES);
    close(read_only);
    CHECK(guest.whole());
}

TEST_CASE("a hint is taken when it is free", "[address_space]") {
    Guest guest;
    CHECK(guest.map(kPage, kRw, kAnon, 0x200000) == 0x200000);
    CHECK(guest.map(kPage, kRw, kAnon, 0x200000) != 0x200000);
    CHECK(guest.map(kPage, kRw, kAnon, 0x300001) == 0x301000);
    CHECK(guest.map(kPage, kRw, kAnon, 0xFFFFFFFF) < kLimit);
}

TEST_CASE("execution is never permitted", "[address_space]") {
    Guest guest;
    const uint32_t a = guest.map(kPage, kRw | PROT_EXEC);
    REQUIRE(guest.space.protect(a, kPage, PROT_READ | PROT_EXEC) == 0);
    TempFile file("x");
    guest.map(kPage, PROT_READ | PROT_EXEC, MAP_PRIVATE, 0, file.fd);
    std::FILE* maps = std::fopen("/proc/self/maps", "re");
    uint64_t start = 0;
    char access[8];
    char rest[512];
    const auto base = reinterpret_cast<uint64_t>(guest.base());
    while (std::fscanf(maps, "%" SCNx64 "-%*x %7s%511[^\n]\n", &start, access, rest) == 3) {
        if (start >= base && start < base + kLimit) CHECK(access[2] == '-');
    }
    std::fclose(maps);
}

TEST_CASE("munmap: errors, parts, ranges with nothing in them", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    const uint32_t a = guest.map(5 * kPage);
    CHECK(space.unmap(a + 1, kPage) == -EINVAL);
    CHECK(space.unmap(a, 0) == -EINVAL);
    CHECK(space.unmap(0xFFFFF000, 2 * kPage) == -EINVAL);
    CHECK(space.unmap(0x80000000, kPage) == 0);
    CHECK(space.unmap(a + kPage, 1) == 0);
    CHECK(guest.readable(a));
    CHECK_FALSE(guest.readable(a + kPage));
    CHECK(guest.readable(a + 2 * kPage));
    CHECK(space.unmap(0, kPage) == 0);
    CHECK(guest.readable(0));
    CHECK(space.unmap(a, 0xFFFFF000 - a) == 0);
    CHECK_FALSE(guest.readable(a + 4 * kPage));
    CHECK(guest.whole());
}

TEST_CASE("mprotect is exact to the page and knows holes", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    const uint32_t a = guest.map(4 * kPage);
    CHECK(space.protect(a + kPage, kPage, PROT_READ) == 0);
    CHECK(guest.writable(a));
    CHECK_FALSE(guest.writable(a + kPage));
    CHECK(guest.readable(a + kPage));
    CHECK(guest.writable(a + 2 * kPage));
    CHECK(space.protect(a + kPage, 1, kRw) == 0);
    CHECK(guest.writable(a + kPage));
    CHECK(space.protect(a, kPage, PROT_NONE) == 0);
    CHECK_FALSE(guest.readable(a));

    CHECK(space.protect(0, kPage, PROT_READ) == -ENOMEM);
    CHECK(space.protect(0, 0, PROT_READ) == 0);
    CHECK(guest.writable(0));
    CHECK(space.protect(a + 1, kPage, PROT_READ) == -EINVAL);
    CHECK(space.protect(a, kPage, 0x40) == -EINVAL);
    CHECK(space.protect(a, kPage, PROT_READ | PROT_GROWSDOWN) == -EINVAL);
    CHECK(space.protect(a + 2 * kPage, 4 * kPage, PROT_READ) == -ENOMEM);
    CHECK_FALSE(guest.writable(a + 3 * kPage));  // the part before the hole was done
    CHECK(space.protect(0xFFFFF000, kPage, PROT_READ) == -ENOMEM);
    CHECK(space.protect(kPage, kPage, PROT_READ) == 0);  // the module's image is memory like any other
    CHECK_FALSE(guest.writable(kPage));
}

TEST_CASE("files: private and shared mappings", "[address_space]") {
    Guest guest;
    TempFile file(std::string(10, 'f') + std::string(5000, 'g'));
    const uint32_t p = guest.map(5010, kRw, MAP_PRIVATE, 0, file.fd);
    const uint32_t s = guest.map(5010, kRw, MAP_SHARED, 0, file.fd);
    CHECK(guest.at(p) == 'f');
    CHECK(guest.at(p + 5009) == 'g');
    CHECK(guest.at(p + 5010) == 0);
    guest.at(p) = 'P';
    guest.at(s + 1) = 'S';
    char bytes[2];
    REQUIRE(pread(file.fd, bytes, 2, 0) == 2);
    CHECK(bytes[0] == 'f');
    CHECK(bytes[1] == 'S');
    CHECK(guest.space.sync(s, 5010, MS_SYNC) == 0);
    CHECK(guest.space.map(s, kPage, PROT_READ, MAP_SHARED | MAP_FIXED, file.fd, 4096) == s);
    CHECK(guest.at(s) == 'g');
    CHECK(guest.space.unmap(s, 5010) == 0);
    CHECK(guest.whole());
}

TEST_CASE("a mapping that the kernel refuses leaves what was there", "[address_space]") {
    Guest guest;
    const uint32_t a = guest.map(kPage);
    guest.at(a) = 7;
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    CHECK(guest.space.map(a, kPage, PROT_READ, MAP_PRIVATE | MAP_FIXED, ends[0], 0) == -ENODEV);
    CHECK(guest.at(a) == 7);
    close(ends[0]);
    close(ends[1]);
    CHECK(guest.whole());
}

TEST_CASE("mremap: shrink, grow in place, move, errors", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    const uint32_t a = guest.map(4 * kPage);
    guest.at(a) = 1;
    guest.at(a + 2 * kPage) = 3;
    CHECK(space.remap(a, 4 * kPage, 2048, 0, 0) == a);
    CHECK_FALSE(guest.readable(a + kPage));
    CHECK(space.remap(a, kPage, 3 * kPage, 0, 0) == a);
    CHECK(guest.at(a) == 1);
    CHECK(guest.at(a + 2 * kPage) == 0);

    guest.map(kPage, kRw, kAnon, a + 3 * kPage);
    CHECK(space.remap(a, 3 * kPage, 4 * kPage, 0, 0) == -ENOMEM);
    const int64_t moved = space.remap(a, 3 * kPage, 8 * kPage, MREMAP_MAYMOVE, 0);
    REQUIRE(moved > 0);
    CHECK(moved != a);
    CHECK(guest.at(static_cast<uint32_t>(moved)) == 1);
    CHECK(guest.at(static_cast<uint32_t>(moved) + 7 * kPage) == 0);
    CHECK_FALSE(guest.readable(a));

    const uint32_t b = static_cast<uint32_t>(moved);
    CHECK(space.remap(b, 8 * kPage, 8 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, 0x800000) == 0x800000);
    CHECK(guest.at(0x800000) == 1);
    CHECK(space.remap(0x800000, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, 0x800000) == -EINVAL);
    CHECK(space.remap(0x800000, kPage, kPage, MREMAP_FIXED, 0x900000) == -EINVAL);
    CHECK(space.remap(0x800000, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, kLimit) == -EINVAL);
    CHECK(space.remap(0x800001, kPage, kPage, 0, 0) == -EINVAL);
    CHECK(space.remap(0x800000, kPage, 0, 0, 0) == -EINVAL);
    CHECK(space.remap(0x800000, 0, kPage, MREMAP_MAYMOVE, 0) == -EINVAL);
    CHECK(space.remap(0xA00000, kPage, 2 * kPage, MREMAP_MAYMOVE, 0) == -EFAULT);
    CHECK(space.remap(0, kPage, 2 * kPage, MREMAP_MAYMOVE, 0) == -EFAULT);
    CHECK(space.remap(0x800000, 9 * kPage, 10 * kPage, MREMAP_MAYMOVE, 0) == -EFAULT);
    CHECK(guest.whole());
}

TEST_CASE("mremap moves what is several mappings to the host", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    // Moved pages keep their host offset, so the kernel cannot merge them with their new neighbours.
    const uint32_t low = guest.map(2 * kPage, kRw, kAnon, 0x400000);
    const uint32_t high = guest.map(2 * kPage, kRw, kAnon, 0x600000);
    for (uint32_t i = 0; i < 2; ++i) {
        guest.at(low + i * kPage) = static_cast<uint8_t>(10 + i);
        guest.at(high + i * kPage) = static_cast<uint8_t>(20 + i);
    }
    REQUIRE(space.remap(high, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, low + 2 * kPage) > 0);
    REQUIRE(space.remap(low, 4 * kPage, 4 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, 0x700000) == 0x700000);
    CHECK(guest.at(0x700000) == 10);
    CHECK(guest.at(0x701000) == 11);
    CHECK(guest.at(0x702000) == 20);
    CHECK(guest.at(0x703000) == 21);
    CHECK(guest.whole());
}

TEST_CASE("mremap of file mappings", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    TempFile file(std::string(kPage, 'a') + std::string(kPage, 'b') + std::string(kPage, 'c'));
    const uint32_t p = guest.map(kPage, kRw, MAP_PRIVATE, 0, file.fd);
    guest.at(p + 1) = 'P';
    const int64_t grown = space.remap(p, kPage, 3 * kPage, MREMAP_MAYMOVE, 0);
    REQUIRE(grown > 0);
    CHECK(guest.at(static_cast<uint32_t>(grown) + 1) == 'P');
    CHECK(guest.at(static_cast<uint32_t>(grown) + 2 * kPage) == 'c');
    const uint32_t s = guest.map(kPage, kRw, MAP_SHARED, 0, file.fd);
    const int64_t shared = space.remap(s, kPage, 2 * kPage, MREMAP_MAYMOVE, 0);
    REQUIRE(shared > 0);
    guest.at(static_cast<uint32_t>(shared) + kPage) = 'B';
    char byte = 0;
    REQUIRE(pread(file.fd, &byte, 1, kPage) == 1);
    CHECK(byte == 'B');
    CHECK_FALSE(guest.readable(s));
    const int64_t twin = space.remap(static_cast<uint32_t>(shared), 0, kPage, MREMAP_MAYMOVE, 0);
    REQUIRE(twin > 0);
    guest.at(static_cast<uint32_t>(twin)) = 'T';
    CHECK(guest.at(static_cast<uint32_t>(shared)) == 'T');
    const int64_t kept = space.remap(static_cast<uint32_t>(grown), kPage, kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
    REQUIRE(kept > 0);
    CHECK(guest.at(static_cast<uint32_t>(kept) + 1) == 'P');
    CHECK(guest.at(static_cast<uint32_t>(grown) + 1) == 'a');
    CHECK(guest.whole());
}

TEST_CASE("madvise, msync, mincore, mlock know the guest's holes", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    const uint32_t a = guest.map(4 * kPage);
    guest.at(a) = 5;
    for (const int advice : {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED}) {
        CHECK(space.advise(a, 4 * kPage, advice) == 0);
    }
    CHECK(guest.at(a) == 5);
    CHECK(space.advise(a, kPage, MADV_DONTNEED) == 0);
    CHECK(guest.at(a) == 0);
    CHECK(space.advise(a, kPage, 9999) == -EINVAL);
    CHECK(space.advise(a + 1, kPage, MADV_NORMAL) == -EINVAL);
    CHECK(space.advise(a, kPage, MADV_HWPOISON) == -EPERM);
    CHECK(space.advise(a, 8 * kPage, MADV_NORMAL) == -ENOMEM);
    CHECK(space.advise(0, kPage, MADV_DONTNEED) == -ENOMEM);

    CHECK(space.sync(a, kPage, MS_SYNC) == 0);
    CHECK(space.sync(a, kPage, 0xDEAD) == -EINVAL);
    CHECK(space.sync(a, kPage, MS_SYNC | MS_ASYNC) == -EINVAL);
    CHECK(space.sync(0, kPage, MS_SYNC) == -ENOMEM);
    CHECK(space.sync(a, 5 * kPage, MS_ASYNC) == -ENOMEM);

    guest.at(a + kPage) = 1;
    CHECK(space.residency(a, 4 * kPage, 256) == 0);
    CHECK((guest.at(257) & 1) == 1);
    CHECK(space.residency(a, 5 * kPage, 256) == -ENOMEM);
    CHECK(space.residency(a, kPage, 0) == -EFAULT);

    CHECK(space.lock(a + 5, kPage, 0) == 0);
    CHECK(space.lock(a, 5 * kPage, 0) == -ENOMEM);
    CHECK(space.lock(a, kPage, 2) == -EINVAL);
    CHECK(space.unlock(a, 4 * kPage) == 0);
    CHECK(space.lock_all(0) == -EINVAL);
    CHECK(space.lock_all(MCL_ONFAULT) == -EINVAL);
    CHECK(space.lock_all(MCL_CURRENT) == 0);
    CHECK(space.unlock_all() == 0);
}

TEST_CASE("memory.grow gets fresh pages and no others", "[address_space]") {
    Guest guest;
    CHECK(guest.space.allow_grow(kImage, kImage + 65536));
    CHECK(guest.map(kPage) >= kImage + 65536);
    CHECK_FALSE(guest.space.allow_grow(kImage + 65536, kImage + 2 * 65536));
    CHECK_FALSE(guest.space.allow_grow(kLimit, kLimit + 65536));
}

TEST_CASE("the number of mappings is bounded, and unmapping always works", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    const uint32_t a = guest.map(512 * kPage);
    space.set_max_runs(100);
    int64_t result = 0;
    for (uint32_t i = 0; i < 512 && result == 0; i += 2) result = space.protect(a + i * kPage, kPage, PROT_NONE);
    CHECK(result == -ENOMEM);
    CHECK(space.run_count() <= 100);
    CHECK(space.map(0, kPage, kRw, kAnon, -1, 0) == -ENOMEM);
    CHECK(space.unmap(a, 512 * kPage) == 0);
    CHECK(space.map(0, kPage, kRw, kAnon, -1, 0) > 0);
}

TEST_CASE("fork: books stay usable, MADV_DONTFORK holds", "[address_space]") {
    Guest guest;
    AddressSpace& space = guest.space;
    const uint32_t a = guest.map(2 * kPage);
    const uint32_t shared = guest.map(kPage, kRw, MAP_SHARED | MAP_ANONYMOUS);
    REQUIRE(space.advise(a, kPage, MADV_DONTFORK) == 0);
    wasm::lock_for_fork();
    const pid_t child = fork();
    if (child == 0) {
        wasm::unlock_after_fork(true);
        space.begin_child();
        int failed = guest.readable(a) ? 1 : 0;
        if (!guest.readable(a + kPage)) failed |= 2;
        if (space.map(0, kPage, kRw, kAnon, -1, 0) <= 0) failed |= 4;
        if (!guest.whole()) failed |= 8;
        guest.at(shared) = 42;
        _exit(failed);
    }
    wasm::unlock_after_fork(false);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(guest.at(shared) == 42);
    CHECK(guest.readable(a));
}

TEST_CASE("threads map and unmap while the host does the same", "[address_space]") {
    Guest guest;
    std::atomic<bool> stop{false};
    std::atomic<int> strays{0};
    std::thread host([&] {
        while (!stop) {
            auto* p = static_cast<std::byte*>(mmap(nullptr, kPage, kRw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
            if (p >= guest.base() && p < guest.base() + kLimit) ++strays;
            munmap(p, kPage);
        }
    });
    std::atomic<int> errors{0};
    auto worker = [&](uint32_t seed) {
        std::mt19937 random(seed);
        std::vector<std::pair<uint32_t, uint32_t>> mine;
        for (int i = 0; i < 1500; ++i) {
            const uint32_t bytes = static_cast<uint32_t>(1 + random() % 16) * kPage;
            const int64_t a = guest.space.map(0, bytes, kRw, kAnon, -1, 0);
            if (a <= 0 || guest.at(static_cast<uint32_t>(a)) != 0) ++errors;
            guest.at(static_cast<uint32_t>(a)) = static_cast<uint8_t>(seed);
            const int64_t b = guest.space.remap(static_cast<uint32_t>(a), bytes, 2 * bytes, MREMAP_MAYMOVE, 0);
            if (b <= 0 || guest.at(static_cast<uint32_t>(b)) != seed) ++errors;
            mine.emplace_back(static_cast<uint32_t>(b), 2 * bytes);
            if (mine.size() > 8) {
                if (guest.space.unmap(mine.front().first, mine.front().second) != 0) ++errors;
                mine.erase(mine.begin());
            }
        }
    };
    std::thread one(worker, 1);
    std::thread two(worker, 2);
    one.join();
    two.join();
    stop = true;
    host.join();
    CHECK(errors == 0);
    CHECK(strays == 0);
    CHECK(guest.whole());
}
