// SPDX-License-Identifier: Apache-2.0
// Guest iovecs as the kernel's.
#pragma once

#include "dispatch.h"

#include <sys/uio.h>

#include <cstdint>

namespace wali {

inline constexpr uint32_t kMaxVectors = 1024;  // UIO_MAXIOV

inline const iovec* bad_vectors() { return reinterpret_cast<const iovec*>(bad_pointer()); }

// Converts `count` vectors into `to`, which has room for them. False if the guest's cannot be read.
bool convert_vectors(const Call& call, wasm::GuestPtr<Iovec> from, uint32_t count, iovec* to);

}  // namespace wali
