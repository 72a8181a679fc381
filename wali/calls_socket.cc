// SPDX-License-Identifier: Apache-2.0
// Socket options: the few that are more than their kinds.
#include "calls.h"
#include "dispatch.h"
#include "options.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace wali {

namespace {

constexpr int kAttachReusePortCbpf = 51;  // SO_ATTACH_REUSEPORT_CBPF

bool attaches_filter(SocketLevel level, SocketOption option) {
    return level.value == SOL_SOCKET && (option.value == SO_ATTACH_FILTER || option.value == kAttachReusePortCbpf);
}

// A classic packet filter: {number of instructions, address of them}.
SysResult attach_filter(const Call& call, Fd fd, SocketLevel level, SocketOption option, OptionIn value) {
    if (value.length < sizeof(SockFprog)) return SysResult::fail(EINVAL);
    const auto guest = call.load(wasm::GuestPtr<SockFprog>{value.at});
    if (!guest) return SysResult::fail(EFAULT);
    const uint64_t bytes = guest->length * sizeof(sock_filter);
    sock_fprog host{guest->length, reinterpret_cast<sock_filter*>(call.kernel_range(guest->filter, bytes))};
    return call.kernel(fd.value, level.value, option.value, &host, sizeof host);
}

// The length of these is not one in bytes, or does not bound what the kernel writes: a number inside the buffer does.
// Only the reservation around the memory contains that.
bool writes_beyond_length(SocketLevel level, SocketOption option) {
    constexpr int kGetFilter = 26, kIpMsfilter = 41, kMcastMsfilter = 48;
    switch (level.value) {
        case SOL_SOCKET: return option.value == kGetFilter;
        case SOL_IP: return option.value == kIpMsfilter || option.value == kMcastMsfilter;
        case SOL_IPV6: return option.value == kMcastMsfilter;
        default: return false;
    }
}

// An option we do not pass on: the kernel has been asked with addresses that nobody can follow. What it says of the
// descriptor, the level or the option comes first.
SysResult refused(SysResult verdict) { return verdict.failed_with(EFAULT) ? SysResult::fail(ENOPROTOOPT) : verdict; }

}  // namespace

SysResult sys_setsockopt(Call& call, Fd fd, SocketLevel level, SocketOption option, OptionIn value) {
    if (attaches_filter(level, option)) return attach_filter(call, fd, level, option, value);
    if (!is_plain_socket_option(level.value, option.value)) {
        return refused(call.kernel(fd.value, level.value, option.value, bad_pointer(), value.length));
    }
    return call.kernel(fd.value, level.value, option.value, call.kernel_range(value.at, value.length), value.length);
}

SysResult sys_getsockopt(Call& call, Fd fd, SocketLevel level, SocketOption option, OptionOut value) {
    const bool unchecked = call.memory.reserved() == 0 && writes_beyond_length(level, option);
    if (unchecked || !is_plain_socket_option(level.value, option.value)) {
        return refused(call.kernel(fd.value, level.value, option.value, bad_pointer(), bad_pointer()));
    }
    auto room = call.load(value.length);
    // Without a length there is nothing to write; the kernel still says first what is wrong with the socket.
    uint32_t* host_length = room ? &*room : reinterpret_cast<uint32_t*>(bad_pointer());
    const uint64_t bytes = room ? *room : 0;
    const SysResult result =
        call.kernel(fd.value, level.value, option.value, call.kernel_range(value.at, bytes), host_length);
    if (result.failed() || !room) return result;
    return call.store(value.length, *room) ? result : SysResult::fail(EFAULT);
}

}  // namespace wali
