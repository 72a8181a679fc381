// SPDX-License-Identifier: Apache-2.0
// options.def as data: what commands of fcntl, ioctl, prctl and others take, and which socket options are plain bytes.
#pragma once

#include <cstdint>
#include <string_view>

namespace wali {

enum class CommandArg : uint8_t { None, Number, Fd, OpenFlags, OpenFlagsBack, In, Out, InOut, FdIn, Own };

struct Command {
    std::string_view name;
    uint32_t value;
    uint32_t host;  // its value for the kernel
    CommandArg argument;
    uint32_t bytes;
    uint8_t more;  // prctl: how many of the later arguments are numbers
};

// nullptr: not passed on.
const Command* find_fcntl(uint32_t command);
const Command* find_ioctl(uint32_t request);
const Command* find_prctl(uint32_t option);
// Of calls whose commands have a kind of their own ("SemCommand").
const Command* find_command(std::string_view kind, uint32_t command);

struct KeyCommandRow {
    std::string_view name;
    uint32_t value;
    std::string_view arguments;  // a letter each
};
const KeyCommandRow* find_keyctl(uint32_t command);

bool is_plain_socket_option(int32_t level, int32_t option);

}  // namespace wali
