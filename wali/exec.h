// SPDX-License-Identifier: Apache-2.0
// execve: of what the host can execute, and of WebAssembly modules, for which this very program is the interpreter.
#pragma once

#include "dispatch.h"

#include <fcntl.h>

namespace wali {

SysResult execute(Call& call, int dir, Path path, wasm::GuestAddr argv, wasm::GuestAddr envp, int flags);

}  // namespace wali
