// SPDX-License-Identifier: Apache-2.0
// WASI errno values, and Linux ones expressed in them; the only list is wasi_errno.def.
#pragma once

#include <cstdint>

namespace shims::wasi {

enum class Errno : uint16_t {
#define ERRNO(name, number, host) name = number,
#include "wasi_errno.def"
#undef ERRNO
};

// Errno::Io for a host error that WASI has no name for.
Errno from_host(int host_errno);

}  // namespace shims::wasi
