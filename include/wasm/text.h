// SPDX-License-Identifier: Apache-2.0
// Text of others in messages. Names in a module are the module's own choice, yet a message stays one line of sensible
// length, says what it seems to say, and cannot talk to the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wasm {

inline constexpr size_t kLongestName = 500;      // of one name among other words, in bytes
inline constexpr size_t kLongestMessage = 4000;  // of a message as a whole

// What is not UTF-8, what controls a terminal, and what is invisible or changes how other text is shown (directions,
// joiners, tags) becomes \xNN, byte by byte. Of a text that is longer than `most`, the beginning is left, and how long
// it is. What this has returned it leaves as it is.
std::string printable(std::string_view text, size_t most = kLongestMessage);
inline std::string printable_name(std::string_view name) { return printable(name, kLongestName); }

}  // namespace wasm
