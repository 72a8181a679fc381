// SPDX-License-Identifier: Apache-2.0
// Memory of the runtime's own that has to be a kernel object: processes that come from one another share it, or it is
// mapped as a file because that costs nothing at fork. A guest may find a way to its file (a number that it guesses
// before it is closed, /proc/PID/map_files), so each such file is one that it can do little with, and has a mark.
//
// The mark is its size, with bits above those of the length that no file has by chance. Who opens files for a guest
// refuses what has it (is_sealed). A mode would not do: whoever reaches the file can change that by a path. The seals:
// its size can never change, and no seal be added. So what is mapped stays there, whoever else has the file; what is in
// shared memory may be anything.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>

namespace wasm {

bool is_sealed(const struct stat& file);

// Whether the process may write a file of so many bytes. To become longer than the limit would raise a signal.
bool may_have_size(uint64_t bytes);

// A new file of `bytes` zeros. A descriptor that execve closes, or -errno: then there is no file, and no signal comes
// of a limit on the size of files.
int make_sealed(const char* name, uint64_t bytes);

// Maps a file of make_sealed, for reading and writing, shared. nullptr: it cannot be mapped, or is another file or one
// of another size. The descriptor is not needed any longer.
std::byte* map_sealed(int fd, uint64_t bytes);

}  // namespace wasm
