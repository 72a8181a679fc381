// SPDX-License-Identifier: Apache-2.0
#include "own_program.h"

#include "process.h"

#include <unistd.h>

namespace wali {

const std::string* own_program(const Call& call, Path path) {
    const std::string& program = call.process.options.program;
    constexpr uint32_t kLongest = 32;
    if (program.empty()) return nullptr;
    const auto name = call.memory.load_string(path.at, kLongest);
    if (!name || !name->starts_with("/proc/") || !name->ends_with("/exe")) return nullptr;
    const bool own = *name == "/proc/self/exe" || *name == "/proc/thread-self/exe" ||
                     *name == "/proc/" + std::to_string(getpid()) + "/exe";
    return own ? &program : nullptr;
}

}  // namespace wali
