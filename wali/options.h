// SPDX-License-Identifier: Apache-2.0
// options.def as data: what the commands of fcntl, ioctl and prctl take, and which socket options are plain bytes.
#pragma once

#include <cstdint>
#include <string_view>

namespace wali {

enum class CommandArg : uint8_t { None, Number, Fd, OpenFlags, OpenFlagsBack, In, Out, InOut };

struct Command {
    std::string_view name;
    uint32_t value;
    CommandArg argument;
    uint32_t bytes;
    uint8_t more;  // prctl: how many of the later arguments are numbers

    constexpr bool takes_pointer() const { return argument >= CommandArg::In; }
};

// nullptr: not passed on.
const Command* find_fcntl(uint32_t command);
const Command* find_ioctl(uint32_t request);
const Command* find_prctl(uint32_t option);

bool is_plain_socket_option(int32_t level, int32_t option);

}  // namespace wali
