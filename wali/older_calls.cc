// SPDX-License-Identifier: Apache-2.0
// The OLDER rows of syscalls.def: what takes more than other arguments.
#include "older_calls.h"

#include "abi.h"
#include "guest_signal.h"

#include <fcntl.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <vector>

namespace wali {

namespace {

constexpr int64_t kMicroseconds = 1'000'000;
constexpr int64_t kNanosecondsPerMicrosecond = 1000;

// utimensat by a pair of timeval.
long set_file_times(const OlderCall& call, long dir, long path, long times) {
    if (times == 0) return call.make(SYS_utimensat, dir, path, 0, 0);
    const auto given = call.guest.load<TimevalPair>(times);
    if (!given) return -EFAULT;
    const auto valid = [](const Timeval& t) { return t.usec >= 0 && t.usec < kMicroseconds; };
    if (!valid(given->access) || !valid(given->modification)) return -EINVAL;
    const auto convert = [](const Timeval& t) { return Timespec{t.sec, t.usec * kNanosecondsPerMicrosecond}; };
    const TimespecPair host{convert(given->access), convert(given->modification)};
    return call.make(SYS_utimensat, dir, path, &host, 0);
}

}  // namespace

long older_poll(const OlderCall& call) {
    const auto milliseconds = static_cast<int>(call.args[2]);
    Timespec limit{milliseconds / 1000, int64_t{milliseconds % 1000} * kMicroseconds};
    return call.make(SYS_ppoll, call.args[0], call.args[1], milliseconds < 0 ? nullptr : &limit, nullptr, 0);
}

// As in the kernel, what is left of the time is written back; where it cannot be, nobody is told.
long older_select(const OlderCall& call) {
    const long at = call.args[4];
    Timespec limit{};
    if (at != 0) {
        const auto given = call.guest.load<Timeval>(at);
        if (!given) return -EFAULT;
        limit = {given->sec + given->usec / kMicroseconds, given->usec % kMicroseconds * kNanosecondsPerMicrosecond};
    }
    const bool polls = limit.sec == 0 && limit.nsec == 0;
    const long result = call.make(SYS_pselect6, call.args[0], call.args[1], call.args[2], call.args[3],
                                  at != 0 ? &limit : nullptr, nullptr);
    if (at != 0 && !polls && result != kNotStarted && result != -EINVAL) {
        const Timeval left{limit.sec, limit.nsec / kNanosecondsPerMicrosecond};
        static_cast<void>(call.guest.write(at, &left, sizeof left));
    }
    return result;
}

long older_dup2(const OlderCall& call) {
    if (call.args[0] != call.args[1]) return call.make(SYS_dup3, call.args[0], call.args[1], 0);
    const long open = call.make(SYS_fcntl, call.args[0], F_GETFD);
    return is_kernel_error(open) ? open : call.args[1];
}

long older_alarm(const OlderCall& call) {
    const auto seconds = std::min<uint32_t>(static_cast<uint32_t>(call.args[0]), INT_MAX);
    const Itimerval wanted{{}, {seconds, 0}};
    Itimerval before{};
    call.make(SYS_setitimer, ITIMER_REAL, &wanted, &before);
    const Timeval& left = before.value;
    const bool up = (left.sec == 0 && left.usec != 0) || left.usec >= kMicroseconds / 2;
    return static_cast<long>(left.sec + (up ? 1 : 0));
}

// The same entries, but for the file's type: it was the last byte, and is now in front of the name.
long older_getdents(const OlderCall& call) {
    constexpr size_t kHead = 18, kMost = 64 << 10;  // inode, offset, length; more at once is never asked for
    std::vector<char> entries(std::min<size_t>(static_cast<uint32_t>(call.args[2]), kMost));
    const long bytes = call.make(SYS_getdents64, call.args[0], entries.data(), entries.size());
    if (bytes <= 0) return bytes;
    for (size_t at = 0; at < static_cast<size_t>(bytes);) {
        char* entry = &entries[at];
        uint16_t length = 0;
        std::memcpy(&length, entry + 16, sizeof length);
        const char type = entry[kHead];
        std::memmove(entry + kHead, entry + kHead + 1, length - kHead - 1);
        entry[length - 1] = type;
        at += length;
    }
    return call.guest.write(call.args[1], entries.data(), static_cast<uint64_t>(bytes)) ? bytes : -EFAULT;
}

long older_utime(const OlderCall& call) {
    if (call.args[1] == 0) return call.make(SYS_utimensat, AT_FDCWD, call.args[0], nullptr, 0);
    const auto given = call.guest.load<Utimbuf>(call.args[1]);
    if (!given) return -EFAULT;
    const TimespecPair host{{given->access, 0}, {given->modification, 0}};
    return call.make(SYS_utimensat, AT_FDCWD, call.args[0], &host, 0);
}

long older_utimes(const OlderCall& call) { return set_file_times(call, AT_FDCWD, call.args[0], call.args[1]); }

long older_futimesat(const OlderCall& call) { return set_file_times(call, call.args[0], call.args[1], call.args[2]); }

long older_time(const OlderCall& call) {
    Timespec now{};
    call.make(SYS_clock_gettime, CLOCK_REALTIME_COARSE, &now);  // the clock that time() has always read
    if (call.args[0] != 0 && !call.guest.write(call.args[0], &now.sec, sizeof now.sec)) return -EFAULT;
    return static_cast<long>(now.sec);
}

long older_epoll_create(const OlderCall& call) {
    return static_cast<int>(call.args[0]) <= 0 ? -EINVAL : call.make(SYS_epoll_create1, 0);
}

}  // namespace wali
