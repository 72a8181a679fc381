// SPDX-License-Identifier: Apache-2.0
// Instructions that are suspended at an access to memory, while the handler of that fault runs: what they hold in
// machine registers is nowhere else.
#pragma once

namespace wasm {

// On the calling thread.
bool has_suspended_instructions();

}  // namespace wasm
