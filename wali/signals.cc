// SPDX-License-Identifier: Apache-2.0
// Guest signals. No host handlers are installed yet, so none can be waiting.
#include "signals.h"

namespace wali {

SignalsRun run_pending_signals(wasm::Caller&) {
    return SignalsRun::None;
}

}  // namespace wali
