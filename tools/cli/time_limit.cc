// SPDX-License-Identifier: Apache-2.0
#include "time_limit.h"

#include "exit_status.h"
#include "log.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <cerrno>

namespace cli {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

struct Limit {
    uint64_t deadline_ns;
    std::string message;
};
// Made once and never freed: the thread, and those of forked children, read it until the process ends.
constinit const Limit* limit = nullptr;

void* wait_and_end(void*) {
    const timespec until{static_cast<time_t>(limit->deadline_ns / kSecond),
                         static_cast<long>(limit->deadline_ns % kSecond)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
    report_error({}, limit->message);
    end_with(kOwnFailure);
}

bool start_thread() {
    // All signals are the guest's: they must find its threads, not this one.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread{};
    const int error = pthread_create(&thread, &attributes, &wait_and_end, nullptr);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return error == 0;
}

}  // namespace

uint64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * kSecond + static_cast<uint64_t>(now.tv_nsec);
}

bool start_time_limit(uint64_t deadline_ns, std::string message) {
    limit = new Limit{deadline_ns, std::move(message)};
    // A fork leaves only the forking thread in the child.
    pthread_atfork(nullptr, nullptr, [] { start_thread(); });
    return start_thread();
}

}  // namespace cli
