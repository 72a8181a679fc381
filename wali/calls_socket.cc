// SPDX-License-Identifier: Apache-2.0
// Socket options and System V messages: the few that are more than their kinds.
#include "calls.h"
#include "dispatch.h"
#include "options.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <vector>

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

}  // namespace

SysResult sys_setsockopt(Call& call, Fd fd, SocketLevel level, SocketOption option, OptionIn value) {
    if (attaches_filter(level, option)) return attach_filter(call, fd, level, option, value);
    if (!is_plain_socket_option(level.value, option.value)) return SysResult::fail(ENOPROTOOPT);
    return call.kernel(fd.value, level.value, option.value, call.kernel_range(value.at, value.length), value.length);
}

SysResult sys_getsockopt(Call& call, Fd fd, SocketLevel level, SocketOption option, OptionOut value) {
    if (!is_plain_socket_option(level.value, option.value)) return SysResult::fail(ENOPROTOOPT);
    if (call.memory.reserved() == 0 && writes_beyond_length(level, option)) return SysResult::fail(ENOPROTOOPT);
    auto room = call.load(value.length);
    // Without a length there is nothing to write; the kernel still says first what is wrong with the socket.
    uint32_t* host_length = room ? &*room : reinterpret_cast<uint32_t*>(bad_pointer());
    const uint64_t bytes = room ? *room : 0;
    const SysResult result =
        call.kernel(fd.value, level.value, option.value, call.kernel_range(value.at, bytes), host_length);
    if (result.failed() || !room) return result;
    return call.store(value.length, *room) ? result : SysResult::fail(EFAULT);
}

// A message buffer is a long, which has 64 bits on both sides, followed by the text.
SysResult sys_msgsnd(Call& call, Int queue, GuestAddress message, Size size, IpcFlags flags) {
    const uint64_t bytes = sizeof(int64_t) + size.value;
    return call.kernel(queue.value, call.kernel_range(message.at, bytes), size.value, flags.value);
}

SysResult sys_msgrcv(Call& call, Int queue, GuestAddress message, Size size, Offset type, IpcFlags flags) {
    const uint64_t bytes = sizeof(int64_t) + size.value;
    return call.kernel(queue.value, call.kernel_range(message.at, bytes), size.value, type.value, flags.value);
}

}  // namespace wali
