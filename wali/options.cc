// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>
#include <iterator>

namespace wali {

namespace {

#define FCNTL(name, value, argument, bytes) Command{#name, value, value, CommandArg::argument, bytes, 0},
#define IOCTL(...)
#define IOCTL_SIZE_T(...)
#define COMMAND(...)
#define PRCTL(...)
#define SOCKOPTS(...)
#define EXCEPT(...)
#define KEYCTL(...)
constexpr Command kFcntl[] = {
#include "options.def"
};
#undef FCNTL
#undef IOCTL
#undef IOCTL_SIZE_T
#define FCNTL(...)
#define IOCTL(name, value, argument, bytes)              Command{#name, value, value, CommandArg::argument, bytes, 0},
#define IOCTL_SIZE_T(name, value, host, argument, bytes) Command{#name, value, host, CommandArg::argument, bytes, 0},
constexpr Command kIoctl[] = {
#include "options.def"
};
#undef IOCTL
#undef IOCTL_SIZE_T
#undef COMMAND
#define IOCTL(...)
#define IOCTL_SIZE_T(...)
struct OtherCommand {
    std::string_view kind;
    Command command;
};
#define COMMAND(kind, name, value, argument, bytes) \
    OtherCommand{#kind, {#name, value, value, CommandArg::argument, bytes, 0}},
constexpr OtherCommand kOthers[] = {
#include "options.def"
};
#undef COMMAND
#undef PRCTL
#define COMMAND(...)
#define PRCTL(name, value, argument, bytes, more) Command{#name, value, value, CommandArg::argument, bytes, more},
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
#undef EXCEPT
#undef KEYCTL
#define EXCEPT(...)
#define KEYCTL(name, value, arguments) KeyCommandRow{#name, value, arguments},
constexpr KeyCommandRow kKeyCommands[] = {
#include "options.def"
};
#undef FCNTL
#undef IOCTL
#undef IOCTL_SIZE_T
#undef COMMAND
#undef PRCTL
#undef SOCKOPTS
#undef EXCEPT
#undef KEYCTL

template <size_t N>
const Command* find(const Command (&commands)[N], uint32_t value) {
    const auto* found = std::ranges::find(commands, value, &Command::value);
    return found == std::end(commands) ? nullptr : found;
}

}  // namespace

const Command* find_fcntl(uint32_t command) { return find(kFcntl, command); }
const Command* find_ioctl(uint32_t request) { return find(kIoctl, request); }
const Command* find_prctl(uint32_t option) { return find(kPrctl, option); }
const Command* find_command(std::string_view kind, uint32_t command) {
    const auto* found = std::ranges::find_if(
        kOthers, [&](const OtherCommand& other) { return other.kind == kind && other.command.value == command; });
    return found == std::end(kOthers) ? nullptr : &found->command;
}

const KeyCommandRow* find_keyctl(uint32_t command) {
    const auto* found = std::ranges::find(kKeyCommands, command, &KeyCommandRow::value);
    return found == std::end(kKeyCommands) ? nullptr : found;
}

bool is_plain_socket_option(int32_t level, int32_t option) {
    if (std::ranges::find(kPlainLevels, level) == std::end(kPlainLevels)) return false;
    return std::ranges::none_of(
        kExceptions, [&](const Exception& e) { return e.level == level && option >= e.first && option <= e.last; });
}

}  // namespace wali
