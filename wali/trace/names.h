// SPDX-License-Identifier: Apache-2.0
// Values by name: names.def as data.
#pragma once

#include "../kinds.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace wali::trace {

// Of the set, as much as it knows; the rest in hexadecimal. An unknown set shows the number.
void put_names(std::string& out, std::string_view set, uint32_t value);
bool has_names(std::string_view set);

// The name of the type of a word, which is also its set.
template <class K>
inline constexpr std::string_view kSetOf{};
#define WORD(type, text) \
    template <>          \
    inline constexpr std::string_view kSetOf<type> = #type;
#include "../words.def"
#undef WORD

// "SIGINT", "SIGRT_3", or the number.
std::string signal_name(int signal);
// "[SIGINT SIGTERM]"; of more than half of all signals, those that are missing: "~[SIGKILL]".
void put_signal_set(std::string& out, uint64_t bits);
// "ENOENT (No such file or directory)"
std::string error_text(int error);

}  // namespace wali::trace
