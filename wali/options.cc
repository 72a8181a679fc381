// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>
#include <iterator>

namespace wali {

namespace {

#define FCNTL(name, value, argument, bytes) Command{#name, value, CommandArg::argument, bytes, 0},
#define IOCTL(...)
#define PRCTL(...)
#define SOCKOPTS(...)
#define EXCEPT(...)
constexpr Command kFcntl[] = {
#include "options.def"
};
#undef FCNTL
#undef IOCTL
#define FCNTL(...)
#define IOCTL(name, value, argument, bytes) Command{#name, value, CommandArg::argument, bytes, 0},
constexpr Command kIoctl[] = {
#include "options.def"
};
#undef IOCTL
#undef PRCTL
#define IOCTL(...)
#define PRCTL(name, value, argument, bytes, more) Command{#name, value, CommandArg::argument, bytes, more},
constexpr Command kPrctl[] = {
#include "options.def"
};
#undef PRCTL
#undef SOCKOPTS
#define PRCTL(...)
#define SOCKOPTS(name, value) value,
constexpr int32_t kPlainLevels[] = {
#include "options.def"
};
#undef SOCKOPTS
#undef EXCEPT
#define SOCKOPTS(...)
struct Exception {
    int32_t level, first, last;
};
#define EXCEPT(level, first, last, reason) {level, first, last},
constexpr Exception kExceptions[] = {
#include "options.def"
};
#undef FCNTL
#undef IOCTL
#undef PRCTL
#undef SOCKOPTS
#undef EXCEPT

template <size_t N>
const Command* find(const Command (&commands)[N], uint32_t value) {
    const auto* found = std::ranges::find(commands, value, &Command::value);
    return found == std::end(commands) ? nullptr : found;
}

}  // namespace

const Command* find_fcntl(uint32_t command) { return find(kFcntl, command); }
const Command* find_ioctl(uint32_t request) { return find(kIoctl, request); }
const Command* find_prctl(uint32_t option) { return find(kPrctl, option); }

bool is_plain_socket_option(int32_t level, int32_t option) {
    if (std::ranges::find(kPlainLevels, level) == std::end(kPlainLevels)) return false;
    return std::ranges::none_of(
        kExceptions, [&](const Exception& e) { return e.level == level && option >= e.first && option <= e.last; });
}

}  // namespace wali
