// SPDX-License-Identifier: Apache-2.0
// The guest's structures are x86-64's. Where this machine's kernel has others, they are converted here; where it has
// the same, none of this is used. (Flags: open_flags.h.)
#pragma once

#include "kinds.h"

#include <sys/epoll.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wali {

// ---- structures -----------------------------------------------------------------------------------------------------

inline constexpr bool kStatDiffers = offsetof(struct stat, st_nlink) != offsetof(Stat, nlink);
inline constexpr bool kEpollEventDiffers = sizeof(epoll_event) != sizeof(EpollEvent);

inline Stat guest_stat(const struct stat& host) {
    Stat guest{};
    guest.dev = host.st_dev;
    guest.ino = host.st_ino;
    guest.nlink = host.st_nlink;
    guest.mode = host.st_mode;
    guest.uid = host.st_uid;
    guest.gid = host.st_gid;
    guest.rdev = host.st_rdev;
    guest.size = host.st_size;
    guest.block_size = host.st_blksize;
    guest.blocks = host.st_blocks;
    guest.access = {host.st_atim.tv_sec, host.st_atim.tv_nsec};
    guest.modification = {host.st_mtim.tv_sec, host.st_mtim.tv_nsec};
    guest.change = {host.st_ctim.tv_sec, host.st_ctim.tv_nsec};
    return guest;
}
inline EpollEvent guest_epoll_event(const epoll_event& host) { return {host.events, host.data.u64}; }
inline epoll_event host_epoll_event(const EpollEvent& guest) {
    epoll_event host{};
    host.events = guest.events;
    host.data.u64 = guest.data;
    return host;
}

// ---- how a decoded argument gets to the kernel, and back ------------------------------------------------------------

template <class K>
struct Passed {
    static constexpr bool kComesBack = false;
    K kind;
    Passed(KernelPointers, const K& k) : kind(k) {}
    long* put(long* r) { return Kind<K>::put(r, kind); }
    bool come_back(KernelPointers, int64_t) const { return true; }
};

template <class K>
    requires(kStatDiffers && std::same_as<K, Out<Stat>>)
struct Passed<K> {
    static constexpr bool kComesBack = true;
    K kind;
    struct stat host{};
    Passed(KernelPointers, const K& k) : kind(k) {}
    long* put(long* r) {
        *r = register_of_pointer(&host);
        return r + 1;
    }
    bool come_back(KernelPointers guest, int64_t) const {
        const Stat converted = guest_stat(host);
        return guest.write(register_of_pointer(kind.kernel), &converted, sizeof converted);
    }
};

// One that cannot be read is left to the kernel: it may not even look at it (EPOLL_CTL_DEL).
template <class K>
    requires(kEpollEventDiffers && std::same_as<K, In<EpollEvent>>)
struct Passed<K> {
    static constexpr bool kComesBack = false;
    K kind;
    std::optional<epoll_event> host;
    Passed(KernelPointers guest, const K& k) : kind(k) {
        const auto event = guest.load<EpollEvent>(register_of_pointer(k.kernel));
        if (event) host = host_epoll_event(*event);
    }
    long* put(long* r) {
        *r = host ? register_of_pointer(&*host) : register_of_pointer(kind.kernel);
        return r + 1;
    }
    bool come_back(KernelPointers, int64_t) const { return true; }
};

template <class K>
    requires(kEpollEventDiffers && std::same_as<K, ArrayOut<EpollEvent>>)
struct Passed<K> {
    static constexpr bool kComesBack = true;
    static constexpr uint32_t kMostAtOnce = 256;  // the kernel keeps the others for the next call
    static constexpr uint32_t kTooMany = INT_MAX / sizeof(EpollEvent);
    K kind;
    std::vector<epoll_event> host;
    Passed(KernelPointers, const K& k) : kind(k), host(std::clamp(k.count, 1U, kMostAtOnce)) {}
    long* put(long* r) {
        r[0] = register_of_pointer(host.data());
        r[1] = static_cast<long>(kind.count == 0 || kind.count > kTooMany ? kind.count : host.size());
        return r + 2;
    }
    bool come_back(KernelPointers guest, int64_t count) const {
        std::vector<EpollEvent> events(static_cast<size_t>(count));
        std::transform(host.begin(), host.begin() + count, events.begin(), guest_epoll_event);
        const size_t bytes = events.size() * sizeof(EpollEvent);
        return count == 0 || guest.write(register_of_pointer(kind.kernel), events.data(), bytes);
    }
};

}  // namespace wali
