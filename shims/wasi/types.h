// SPDX-License-Identifier: Apache-2.0
// Structures and numbers of WASI preview 1 as they lie in guest memory. Where wasi_unstable differs, its own follows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shims::wasi {

enum class Fd : uint32_t {};

enum class ClockId : uint32_t { Realtime = 0, Monotonic = 1, ProcessCpu = 2, ThreadCpu = 3 };
enum class FileType : uint8_t {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDgram = 5,
    SocketStream = 6,
};
enum class EventType : uint8_t { Clock = 0, FdRead = 1, FdWrite = 2 };

namespace fdflags {
inline constexpr uint16_t kAppend = 1, kDsync = 2, kNonblock = 4, kRsync = 8, kSync = 16;
}
namespace rights {
inline constexpr uint64_t kFdRead = 1U << 1, kFdSeek = 1U << 2, kFdTell = 1U << 5, kFdWrite = 1U << 6;
// Of what stdio can be; a terminal must lack seek and tell, for that is how a libc recognises one.
inline constexpr uint64_t kTerminal = 0x0820004A, kRegularFile = 0x08E001FF, kDevice = 0x3FFFFFFF;
}  // namespace rights

// Elements of fd_read and fd_write.
struct Iovec {
    uint32_t buffer;
    uint32_t length;
};
static_assert(sizeof(Iovec) == 8);

struct Fdstat {
    FileType type;
    uint8_t pad0;
    uint16_t flags;
    uint32_t pad1;
    uint64_t rights_base;
    uint64_t rights_inheriting;
};
static_assert(sizeof(Fdstat) == 24 && offsetof(Fdstat, flags) == 2 && offsetof(Fdstat, rights_base) == 8);

struct Prestat {
    uint8_t tag;  // 0: directory
    uint8_t pad[3];
    uint32_t name_length;
};
static_assert(sizeof(Prestat) == 8);

inline constexpr uint16_t kClockIsAbsolute = 1;
struct ClockWait {
    ClockId id;
    uint32_t pad;
    uint64_t timeout;
    uint64_t precision;
    uint16_t flags;
};
struct Subscription {
    uint64_t userdata;
    EventType type;
    uint8_t pad[7];
    union {
        ClockWait clock;
        Fd fd;
    };
};
static_assert(sizeof(Subscription) == 48 && offsetof(Subscription, clock) == 16 && offsetof(ClockWait, timeout) == 8);
struct ClockWaitUnstable {
    uint64_t identifier;
    ClockId id;
    uint32_t pad;
    uint64_t timeout;
    uint64_t precision;
    uint16_t flags;
};
struct SubscriptionUnstable {
    uint64_t userdata;
    EventType type;
    uint8_t pad[7];
    union {
        ClockWaitUnstable clock;
        Fd fd;
    };
};
static_assert(sizeof(SubscriptionUnstable) == 56 && offsetof(ClockWaitUnstable, timeout) == 16);

inline constexpr uint16_t kEventHangup = 1;
struct Event {
    uint64_t userdata;
    uint16_t error;
    EventType type;
    uint8_t pad0[5];
    uint64_t bytes;
    uint16_t flags;
    uint8_t pad1[6];
};
static_assert(sizeof(Event) == 32 && offsetof(Event, bytes) == 16);

}  // namespace shims::wasi
