// SPDX-License-Identifier: Apache-2.0
// poll_oneoff: waits until a clock or a descriptor is ready. sleep(), nanosleep() and poll() of a libc end here.
#include "calls.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace shims::wasi {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kNever = ~uint64_t{0};
constexpr uint32_t kMostSubscriptions = 1U << 16;

// A subscription of either generation, decoded.
struct Wait {
    uint64_t userdata = 0;
    EventType type = EventType::Clock;
    Errno error = Errno::Success;  // known at once: the event reports it
    uint64_t deadline = kNever;    // of a clock, on CLOCK_MONOTONIC
    size_t poll_index = 0;         // of a descriptor
};

uint64_t now_ns(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<uint64_t>(time.tv_sec) * kSecond + static_cast<uint64_t>(time.tv_nsec);
}

class Waiter {
  public:
    template <class S>
    Errno read(const Guest& guest, const Context& context, GuestPtr<S> in, uint32_t count);
    // Blocks until at least one event is ready.
    Errno wait();
    Errno give_events(const Guest& guest, GuestPtr<Event> out, GuestPtr<uint32_t> ready) const;

  private:
    template <class S>
    void add(const Context& context, const S& subscription);
    bool is_ready(const Wait& wait, uint64_t now) const;
    Event event_of(const Wait& wait) const;

    std::vector<Wait> waits_;
    std::vector<pollfd> polls_;
    uint64_t now_ = 0;
};

template <class S>
Errno Waiter::read(const Guest& guest, const Context& context, GuestPtr<S> in, uint32_t count) {
    if (guest.at(raw(in.at), uint64_t{count} * sizeof(S)) == nullptr) return Errno::Fault;
    for (uint32_t i = 0; i < count; ++i) {
        const auto subscription = guest.load(in + i);
        if (!subscription) return Errno::Fault;
        add(context, *subscription);
    }
    return Errno::Success;
}

template <class S>
void Waiter::add(const Context& context, const S& subscription) {
    Wait wait;
    wait.userdata = subscription.userdata;
    wait.type = subscription.type;
    if (subscription.type == EventType::Clock) {
        const auto& clock = subscription.clock;
        const uint64_t timeout = clock.timeout;
        const uint64_t now = now_ns(CLOCK_MONOTONIC);
        uint64_t left = timeout;
        if (clock.id != ClockId::Realtime && clock.id != ClockId::Monotonic) {
            wait.error = host_clock(clock.id) < 0 ? Errno::Inval : Errno::NotSup;
        } else if ((clock.flags & kClockIsAbsolute) != 0) {
            const uint64_t then = now_ns(host_clock(clock.id));
            left = timeout > then ? timeout - then : 0;
        }
        wait.deadline = left > kNever - now ? kNever : now + left;
    } else if (subscription.type == EventType::FdRead || subscription.type == EventType::FdWrite) {
        const int fd = context.fds.host(subscription.fd);
        if (fd == FdTable::kClosed) wait.error = Errno::Badf;
        wait.poll_index = polls_.size();
        const short events = subscription.type == EventType::FdRead ? POLLIN : POLLOUT;
        polls_.push_back({fd, events, 0});  // the kernel passes over -1
    } else {
        wait.error = Errno::Inval;
    }
    waits_.push_back(wait);
}

bool Waiter::is_ready(const Wait& wait, uint64_t now) const {
    if (wait.error != Errno::Success) return true;
    return wait.type == EventType::Clock ? wait.deadline <= now : polls_[wait.poll_index].revents != 0;
}

Errno Waiter::wait() {
    uint64_t deadline = kNever;
    bool ready = false;
    for (const Wait& wait : waits_) {
        ready = ready || wait.error != Errno::Success;
        if (wait.type == EventType::Clock) deadline = std::min(deadline, wait.deadline);
    }
    while (true) {
        now_ = now_ns(CLOCK_MONOTONIC);
        const uint64_t left = ready || deadline <= now_ ? 0 : deadline - now_;
        const timespec timeout{static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
        const bool endless = deadline == kNever && !ready;
        const int n = ppoll(polls_.data(), polls_.size(), endless ? nullptr : &timeout, nullptr);
        if (n < 0 && errno != EINTR) return from_host(errno);
        now_ = now_ns(CLOCK_MONOTONIC);
        if (n > 0 || ready || deadline <= now_) return Errno::Success;
    }
}

Event Waiter::event_of(const Wait& wait) const {
    Event event{};
    event.userdata = wait.userdata;
    event.type = wait.type;
    event.error = static_cast<uint16_t>(wait.error);
    if (wait.type == EventType::Clock || wait.error != Errno::Success) return event;
    const pollfd& poll = polls_[wait.poll_index];
    if ((poll.revents & POLLNVAL) != 0) event.error = static_cast<uint16_t>(Errno::Badf);
    // End of file and a gone partner are things to read, not errors.
    if ((poll.revents & POLLHUP) != 0) event.flags = kEventHangup;
    int bytes = 0;
    if (wait.type == EventType::FdRead && ioctl(poll.fd, FIONREAD, &bytes) == 0 && bytes > 0) {
        event.bytes = static_cast<uint64_t>(bytes);
    }
    return event;
}

Errno Waiter::give_events(const Guest& guest, GuestPtr<Event> out, GuestPtr<uint32_t> ready) const {
    uint32_t count = 0;
    for (const Wait& wait : waits_) {
        if (!is_ready(wait, now_)) continue;
        WASI_TRY(guest.store(out + count, event_of(wait)));
        ++count;
    }
    return guest.store(ready, count);
}

template <class S>
Errno poll(Caller& caller,
           const Context& context,
           GuestPtr<S> in,
           GuestPtr<Event> out,
           uint32_t count,
           GuestPtr<uint32_t> ready) {
    if (count == 0 || count > kMostSubscriptions) return Errno::Inval;
    const Guest guest(caller);
    if (guest.at(raw(out.at), uint64_t{count} * sizeof(Event)) == nullptr) return Errno::Fault;
    Waiter waiter;
    WASI_TRY(waiter.read(guest, context, in, count));
    WASI_TRY(waiter.wait());
    return waiter.give_events(guest, out, ready);
}

}  // namespace

Errno poll_oneoff(Caller& caller,
                  Context& context,
                  GuestPtr<Subscription> in,
                  GuestPtr<Event> out,
                  uint32_t count,
                  GuestPtr<uint32_t> ready) {
    return poll(caller, context, in, out, count, ready);
}

Errno poll_oneoff_unstable(Caller& caller,
                           Context& context,
                           GuestPtr<SubscriptionUnstable> in,
                           GuestPtr<Event> out,
                           uint32_t count,
                           GuestPtr<uint32_t> ready) {
    return poll(caller, context, in, out, count, ready);
}

}  // namespace shims::wasi
