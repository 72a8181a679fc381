// SPDX-License-Identifier: Apache-2.0
// Guest memory of plain bytes, and what a test wants to know of it.
#pragma once

#include "wali/address_space.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cinttypes>
#include <cstdio>
#include <string>

namespace {

using wali::AddressSpace;
using wali::kGuestPage;

constexpr uint64_t kImage = 65536;
constexpr uint64_t kLimit = 16 << 20;
constexpr uint32_t kPage = static_cast<uint32_t>(kGuestPage);
constexpr int kRw = PROT_READ | PROT_WRITE;
constexpr int kAnon = MAP_PRIVATE | MAP_ANONYMOUS;

class Guest {
  public:
    explicit Guest(uint64_t null_bytes = 0) {
        void* p = mmap(nullptr, kLimit, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        base_ = static_cast<std::byte*>(p);
        mprotect(base_, kImage, kRw);
        space.manage(base_, kImage, kLimit, null_bytes);
    }
    ~Guest() { munmap(base_, kLimit); }
    uint32_t map(uint32_t bytes, int prot = kRw, int flags = kAnon, uint32_t at = 0, int fd = -1) {
        const int64_t result = space.map(at, bytes, prot, flags, fd, 0);
        REQUIRE(result > 0);
        return static_cast<uint32_t>(result);
    }
    volatile uint8_t& at(uint32_t address) { return *reinterpret_cast<volatile uint8_t*>(base_ + address); }
    bool readable(uint32_t address) const { return can(base_ + address, false); }
    bool writable(uint32_t address) const { return can(base_ + address, true); }

    // True if the host has a mapping (whatever it is) for every page of the reservation.
    bool whole() const {
        std::FILE* maps = std::fopen("/proc/self/maps", "re");
        uint64_t covered = 0;
        uint64_t start = 0;
        uint64_t end = 0;
        const auto base = reinterpret_cast<uint64_t>(base_);
        char rest[512];
        while (std::fscanf(maps, "%" SCNx64 "-%" SCNx64 "%511[^\n]\n", &start, &end, rest) == 3) {
            start = std::max(start, base);
            end = std::min(end, base + kLimit);
            if (start < end) covered += end - start;
        }
        std::fclose(maps);
        return covered == kLimit;
    }
    std::byte* base() const { return base_; }

    AddressSpace space;

  private:
    // The kernel's opinion, through a pipe: no fault here.
    static bool can(std::byte* p, bool write_to) {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        const char byte = 0;
        bool ok = false;
        if (write_to) {
            const auto saved = *p;
            ok = ::write(ends[1], &byte, 1) == 1 && ::read(ends[0], p, 1) == 1;
            if (ok) *p = saved;
        } else {
            ok = ::write(ends[1], p, 1) == 1;
        }
        close(ends[0]);
        close(ends[1]);
        return ok;
    }
    std::byte* base_;
};

class TempFile {
  public:
    explicit TempFile(const std::string& content) {
        char name[] = "/tmp/address_space_test.XXXXXX";
        fd = mkstemp(name);
        unlink(name);
        REQUIRE(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
    }
    ~TempFile() { close(fd); }
    int fd;
};

}  // namespace
