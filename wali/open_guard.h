// SPDX-License-Identifier: Apache-2.0
// Opening files for a guest: everything the user may open, except files through which it could reach the memory of
// its own runtime (/proc/PID/mem, by whatever name, link, mount or descriptor it is found; /dev/mem).
#pragma once

#include "dispatch.h"

#include <cstdint>

namespace wali {

// True if the open descriptor is the memory of a process or of the machine. One opened with O_PATH, which can be
// neither read nor written, is not.
bool is_memory_file(int fd);

struct OpenRequest {
    int dir;
    Path path;
    uint64_t flags;
    uint64_t mode = 0;
    uint64_t resolve = 0;  // of openat2
};

// A descriptor or an error, as openat.
SysResult open_guarded(const Call& call, const OpenRequest& request);

}  // namespace wali
