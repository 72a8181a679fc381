// SPDX-License-Identifier: Apache-2.0
// The provided WASI functions, one declaration per CALL row of calls.def. wasm/bind.h derives the wasm signature
// from these types.
#pragma once

#include "context.h"
#include "types.h"

#include <wasm/host.h>
#include <wasm/memory.h>

namespace shims::wasi {

using wasm::Caller;
using wasm::GuestAddr;
using wasm::GuestPtr;
using wasm::GuestRange;
// A guest pointer to an array of guest pointers to strings.
using StringList = GuestPtr<uint32_t>;

// calls_process.cc
Errno args_get(Caller& caller, Context& context, StringList list, GuestPtr<char> strings);
Errno args_sizes_get(Caller& caller, Context& context, GuestPtr<uint32_t> count, GuestPtr<uint32_t> bytes);
Errno environ_get(Caller& caller, Context& context, StringList list, GuestPtr<char> strings);
Errno environ_sizes_get(Caller& caller, Context& context, GuestPtr<uint32_t> count, GuestPtr<uint32_t> bytes);
wasm::HostOutcome proc_exit(Caller& caller, Context& context, uint32_t status);
Errno sched_yield(Caller& caller, Context& context);
Errno random_get(Caller& caller, Context& context, GuestRange<std::byte> buffer);

// calls_fd.cc
Errno fd_close(Caller& caller, Context& context, Fd fd);
Errno fd_fdstat_get(Caller& caller, Context& context, Fd fd, GuestPtr<Fdstat> out);
Errno fd_prestat_get(Caller& caller, Context& context, Fd fd, GuestPtr<Prestat> out);
Errno fd_prestat_dir_name(Caller& caller, Context& context, Fd fd, GuestRange<char> name);
Errno fd_read(Caller& caller, Context& context, Fd fd, GuestRange<Iovec> buffers, GuestPtr<uint32_t> got);
Errno fd_write(Caller& caller, Context& context, Fd fd, GuestRange<Iovec> buffers, GuestPtr<uint32_t> put);
Errno fd_seek(Caller& caller, Context& context, Fd fd, int64_t delta, uint32_t whence, GuestPtr<uint64_t> at);
Errno fd_seek_unstable(Caller& caller, Context& context, Fd fd, int64_t delta, uint32_t whence, GuestPtr<uint64_t> at);
Errno fd_tell(Caller& caller, Context& context, Fd fd, GuestPtr<uint64_t> at);

// calls_clock.cc
Errno clock_res_get(Caller& caller, Context& context, ClockId id, GuestPtr<uint64_t> out);
Errno clock_time_get(Caller& caller, Context& context, ClockId id, uint64_t precision, GuestPtr<uint64_t> out);

// calls_poll.cc
Errno poll_oneoff(Caller& caller,
                  Context& context,
                  GuestPtr<Subscription> in,
                  GuestPtr<Event> out,
                  uint32_t count,
                  GuestPtr<uint32_t> ready);
Errno poll_oneoff_unstable(Caller& caller,
                           Context& context,
                           GuestPtr<SubscriptionUnstable> in,
                           GuestPtr<Event> out,
                           uint32_t count,
                           GuestPtr<uint32_t> ready);

// For the calls above: the host's number of a WASI clock, or -1.
int host_clock(ClockId id);

}  // namespace shims::wasi
