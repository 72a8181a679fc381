// SPDX-License-Identifier: Apache-2.0
// Clocks: what time it is, and how finely it is told.
#include "calls.h"

#include <time.h>

#include <cerrno>

namespace shims::wasi {
namespace {

Errno give_time(Caller& caller, ClockId id, GuestPtr<uint64_t> out, int (*read)(clockid_t, timespec*)) {
    const int clock = host_clock(id);
    if (clock < 0) return Errno::Inval;
    timespec time{};
    if (read(clock, &time) != 0) return from_host(errno);
    const uint64_t ns = static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
    return Guest(caller).store(out, ns);
}

}  // namespace

int host_clock(ClockId id) {
    switch (id) {
        case ClockId::Realtime: return CLOCK_REALTIME;
        case ClockId::Monotonic: return CLOCK_MONOTONIC;
        case ClockId::ProcessCpu: return CLOCK_PROCESS_CPUTIME_ID;
        case ClockId::ThreadCpu: return CLOCK_THREAD_CPUTIME_ID;
    }
    return -1;
}

Errno clock_res_get(Caller& caller, Context&, ClockId id, GuestPtr<uint64_t> out) {
    return give_time(caller, id, out, &clock_getres);
}

Errno clock_time_get(Caller& caller, Context&, ClockId id, uint64_t, GuestPtr<uint64_t> out) {
    return give_time(caller, id, out, &clock_gettime);
}

}  // namespace shims::wasi
