// SPDX-License-Identifier: Apache-2.0
// Flags of open as the guest has them, x86-64's, and as this machine's kernel does: Arm has a few of them elsewhere.
#pragma once

#include <fcntl.h>

#include <concepts>
#include <cstdint>

namespace wali {

namespace guest_open {
inline constexpr int kDirect = 040000, kLargeFile = 0100000, kDirectory = 0200000, kNoFollow = 0400000;
}
inline constexpr bool kOpenFlagsDiffer = O_DIRECTORY != guest_open::kDirectory;
struct OpenFlagPair {
    int guest, host;
};
// The two sides use the same four bits, so that no flag, known or not, is lost. (libc hides O_LARGEFILE: it is the
// highest of the four there, the lowest but one here.)
inline constexpr OpenFlagPair kOpenFlagPairs[] = {{guest_open::kDirect, O_DIRECT},
                                                  {guest_open::kLargeFile, kOpenFlagsDiffer ? 0400000 : 0100000},
                                                  {guest_open::kDirectory, O_DIRECTORY},
                                                  {guest_open::kNoFollow, O_NOFOLLOW}};

template <std::integral T>
constexpr T move_open_flags(T flags, int OpenFlagPair::* from, int OpenFlagPair::* to) {
    T moved = flags;
    for (const OpenFlagPair& pair : kOpenFlagPairs) moved &= ~static_cast<T>(pair.*from);
    for (const OpenFlagPair& pair : kOpenFlagPairs) {
        if ((flags & static_cast<T>(pair.*from)) != 0) moved |= static_cast<T>(pair.*to);
    }
    return moved;
}
template <std::integral T>
constexpr T host_open_flags(T guest) {
    return kOpenFlagsDiffer ? move_open_flags(guest, &OpenFlagPair::guest, &OpenFlagPair::host) : guest;
}
template <std::integral T>
constexpr T guest_open_flags(T host) {
    return kOpenFlagsDiffer ? move_open_flags(host, &OpenFlagPair::host, &OpenFlagPair::guest) : host;
}
static_assert(guest_open_flags(host_open_flags(~uint64_t{0})) == ~uint64_t{0});
static_assert(host_open_flags(guest_open::kDirectory) == O_DIRECTORY);

}  // namespace wali
