// SPDX-License-Identifier: Apache-2.0
// What the rest of the room needs to know of guest signals.
#pragma once

#include <wasm/host.h>

#include <cstdint>

namespace wali {

enum class SignalsRun : uint8_t {
    None,       // no handler was waiting
    Restart,    // handlers ran, and all of them have SA_RESTART
    Interrupt,  // handlers ran, and one of them has not
    Stop,       // a handler ended or jumped: the Caller has been told
};

// Runs the handlers of the signals that wait for the calling thread.
SignalsRun run_pending_signals(wasm::Caller& caller);

}  // namespace wali
