// SPDX-License-Identifier: Apache-2.0
// How each argument of each row is shown: derived from the kinds in syscalls.def.
#pragma once

#include "../table.h"
#include "view.h"

#include <cstdint>
#include <span>
#include <string>

namespace wali::trace {

// When an argument can be shown.
enum class Moment : uint8_t {
    Before,  // the caller has set it
    After,   // the call sets it
    Both,    // the call changes it
};

struct ShownArgument {
    Moment moment;
    uint8_t slots;  // how many wasm parameters it is
    void (*show)(std::string& out, CallView& view, uint32_t slot);
    void (*rest)(std::string& out, CallView& view, uint32_t slot);  // what follows both forms; may be null
};

// One for each kind of a row that is not absent.
std::span<const ShownArgument> shown_arguments(const Row& row);

// What becomes of the caller.
enum class Return : uint8_t {
    Soon,
    Late,   // it may block, or end by the signal it sends
    Never,  // exit
    Other,  // it may go on as another program
};
Return return_of(const Row& row);

}  // namespace wali::trace
