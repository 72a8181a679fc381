// SPDX-License-Identifier: Apache-2.0
// A table of descriptors of its own for the calling thread (close_range, unshare).
#pragma once

#include "dispatch.h"

namespace wali {

// FdGuard knows one table. So a thread that is alone in its process gets what it has already, since it shares its table
// with nobody; for one of several it is EINVAL.
SysResult unshare_descriptors(const Call& call);

}  // namespace wali
