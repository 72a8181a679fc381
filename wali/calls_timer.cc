// SPDX-License-Identifier: Apache-2.0
// Clocks; POSIX timers and message queue notifications: calls that are told about a signal to send, with a pointer
// inside.
#include "calls.h"
#include "dispatch.h"

#include <csignal>
#include <ctime>

namespace wali {

namespace {

sigevent host_event(const GuestSigevent& guest) {
    sigevent host{};
    host.sigev_value.sival_int = static_cast<int>(guest.value);
    host.sigev_signo = guest.signal;
    host.sigev_notify = guest.notify;
    host._sigev_un._tid = guest.thread;
    return host;
}

}  // namespace

// Programs look at clocks all the time, and natively it is no system call: so it is libc's function here too.
SysResult sys_clock_gettime(Call& call, ClockId clock, OutAt<Timespec> at) {
    timespec now{};
    if (::clock_gettime(clock.value, &now) != 0) return SysResult::fail(errno);
    return call.store(at.at, Timespec{now.tv_sec, now.tv_nsec}) ? SysResult::ok(0) : SysResult::fail(EFAULT);
}

SysResult sys_timer_create(Call& call, ClockId clock, InAt<GuestSigevent> event, Out<int32_t> id) {
    if (!event) return call.kernel(clock.value, nullptr, id.kernel);
    const auto guest = call.load(event.at);
    if (!guest) return SysResult::fail(EFAULT);
    const sigevent host = host_event(*guest);
    return call.kernel(clock.value, &host, id.kernel);
}

SysResult sys_mq_notify(Call& call, Fd queue, InAt<GuestSigevent> event) {
    if (!event) return call.kernel(queue.value, nullptr);
    const auto guest = call.load(event.at);
    if (!guest) return SysResult::fail(EFAULT);
    sigevent host = host_event(*guest);
    // With SIGEV_THREAD the value is the address of a cookie, which the kernel sends to a netlink socket, the signal's
    // number, when there is a message.
    if (guest->notify == SIGEV_THREAD) {
        constexpr uint64_t kCookieBytes = 32;
        if (call.process.fds.owns(guest->signal)) return SysResult::fail(EBADF);
        host.sigev_value.sival_ptr = call.kernel_range(wasm::GuestAddr{guest->value}, kCookieBytes);
    }
    return call.kernel(queue.value, &host);
}

}  // namespace wali
