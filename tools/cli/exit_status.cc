// SPDX-License-Identifier: Apache-2.0
#include "exit_status.h"

#include "wali/wali.h"

#include <signal.h>
#include <unistd.h>

namespace cli {

int status_of(wasm::ErrorKind kind) {
    switch (kind) {
        case wasm::ErrorKind::Malformed:
        case wasm::ErrorKind::Invalid:
        case wasm::ErrorKind::Unlinkable:
        case wasm::ErrorKind::Limit: return kNotRunnable;
        case wasm::ErrorKind::Resource: return kOwnFailure;
    }
    return kOwnFailure;
}

wasm::Error own_failure(std::string message) { return {wasm::ErrorKind::Resource, std::move(message), {}, {}, {}, {}}; }

wasm::Error not_runnable(std::string message) {
    return {wasm::ErrorKind::Unlinkable, std::move(message), {}, {}, {}, {}};
}

TrapEnd end_of(const wasm::Trap& trap) {
    using wasm::TrapKind;
    if (const int signal = wali::signal_of(trap); signal != 0) return {signal, 0};
    switch (trap.kind) {
        // As abort() in a C++ runtime, and in a checked longjmp.
        case TrapKind::UncaughtException:
        case TrapKind::NullException:
        case TrapKind::StaleJump: return {SIGABRT, 0};
        case TrapKind::MissingImport:
        case TrapKind::InvalidBody: return {0, kNotRunnable};
        default: return {0, kOwnFailure};
    }
}

void end_with(int status) { _exit(status); }

void end_with(TrapEnd end) {
    if (end.signal == 0) end_with(end.status);
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    sigaction(end.signal, &action, nullptr);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, end.signal);
    pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    raise(end.signal);
    // Only the first process of a container survives a default action.
    end_with(128 + end.signal);
}

}  // namespace cli
