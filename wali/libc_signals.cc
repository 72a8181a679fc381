// SPDX-License-Identifier: Apache-2.0
#include "libc_signals.h"

#include <sys/single_threaded.h>

#include <ctime>

namespace wali {

namespace {

constexpr uint64_t kEverySignal = ~kFaults;

void send_again(const siginfo_t& info) {
    const long pid = kernel(SYS_getpid);
    if (info.si_code == SI_TKILL) {
        kernel(SYS_rt_tgsigqueueinfo, pid, kernel(SYS_gettid), info.si_signo, &info);
    } else {
        kernel(SYS_rt_sigqueueinfo, pid, info.si_signo, &info);
    }
}

}  // namespace

void take_back_from_libc(SignalActions& actions) {
    for (int signal = 1; signal <= kSignals; ++signal) {
        GuestSigaction action;
        GuestSigaction before;
        if (is_signal_of_libc(signal) && actions.exchange(signal, nullptr, action) == 0) {
            static_cast<void>(actions.exchange(signal, &action, before));
        }
    }
}

LibcTakesSignals::LibcTakesSignals(SignalActions& actions) : actions_(actions), takes_(__libc_single_threaded != 0) {
    if (!takes_) return;
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &kEverySignal, &mask_, kSigsetBytes);
    uint64_t set = 0;
    for (int signal = 1; signal <= kSignals; ++signal) set |= is_signal_of_libc(signal) ? signal_bit(signal) : 0;
    const timespec now{};
    siginfo_t info{};
    while (kernel(SYS_rt_sigtimedwait, &set, &info, &now, kSigsetBytes) > 0) waiting_.push_back(info);
}

LibcTakesSignals::~LibcTakesSignals() {
    if (!takes_) return;
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &kEverySignal, nullptr, kSigsetBytes);
    take_back_from_libc(actions_);
    for (const siginfo_t& info : waiting_) send_again(info);
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &mask_, nullptr, kSigsetBytes);
}

}  // namespace wali
