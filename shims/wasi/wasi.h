// SPDX-License-Identifier: Apache-2.0
// The WASI preview 1 shim: what of it is for other rooms.
#pragma once

#include "../shim.h"

namespace shims::wasi {

extern const Shim kShim;

}  // namespace shims::wasi
