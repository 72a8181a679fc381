// SPDX-License-Identifier: Apache-2.0
// Arguments, environment, end, and the other calls that concern the process as a whole.
#include "calls.h"

#include <sched.h>
#include <sys/random.h>

#include <cerrno>

namespace shims::wasi {
namespace {

uint64_t bytes_of(const std::vector<std::string>& strings) {
    uint64_t bytes = 0;
    for (const std::string& s : strings) bytes += s.size() + 1;
    return bytes;
}

Errno give_sizes(const Guest& guest,
                 const std::vector<std::string>& strings,
                 GuestPtr<uint32_t> count,
                 GuestPtr<uint32_t> bytes) {
    const uint64_t total = bytes_of(strings);
    if (total > UINT32_MAX) return Errno::Overflow;
    WASI_TRY(guest.store(count, static_cast<uint32_t>(strings.size())));
    return guest.store(bytes, static_cast<uint32_t>(total));
}

Errno give_strings(const Guest& guest, const std::vector<std::string>& strings, StringList list, GuestPtr<char> text) {
    uint32_t at = raw(text.at);
    // Both blocks as a whole first: no address below can wrap around.
    if (guest.at(at, bytes_of(strings)) == nullptr) return Errno::Fault;
    if (guest.at(raw(list.at), strings.size() * sizeof(uint32_t)) == nullptr) return Errno::Fault;
    for (const std::string& s : strings) {
        WASI_TRY(guest.store(list, at));
        WASI_TRY(guest.write(at, s.c_str(), s.size() + 1));
        list = list + 1;
        at += static_cast<uint32_t>(s.size() + 1);
    }
    return Errno::Success;
}

}  // namespace

Errno args_get(Caller& caller, Context& context, StringList list, GuestPtr<char> strings) {
    return give_strings(Guest(caller), context.args, list, strings);
}

Errno args_sizes_get(Caller& caller, Context& context, GuestPtr<uint32_t> count, GuestPtr<uint32_t> bytes) {
    return give_sizes(Guest(caller), context.args, count, bytes);
}

Errno environ_get(Caller& caller, Context& context, StringList list, GuestPtr<char> strings) {
    return give_strings(Guest(caller), context.environment, list, strings);
}

Errno environ_sizes_get(Caller& caller, Context& context, GuestPtr<uint32_t> count, GuestPtr<uint32_t> bytes) {
    return give_sizes(Guest(caller), context.environment, count, bytes);
}

wasm::HostOutcome proc_exit(Caller& caller, Context&, uint32_t status) { return caller.exit(static_cast<int>(status)); }

Errno sched_yield(Caller&, Context&) {
    ::sched_yield();
    return Errno::Success;
}

Errno random_get(Caller& caller, Context&, GuestRange<std::byte> buffer) {
    std::byte* to = Guest(caller).at(raw(buffer.at), buffer.count);
    if (to == nullptr) return Errno::Fault;
    uint32_t left = buffer.count;
    while (left > 0) {
        const ssize_t n = getrandom(to, left, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return from_host(errno);
        to += n;
        left -= static_cast<uint32_t>(n);
    }
    return Errno::Success;
}

}  // namespace shims::wasi
