// SPDX-License-Identifier: Apache-2.0
// What whoever copies the process wants to know.
#pragma once

namespace wasm {

// Whether the calling thread is the process's only one. Then nobody is in the middle of anything, and no lock need be
// taken before fork. False if that cannot be found out.
bool is_only_thread();

}  // namespace wasm
