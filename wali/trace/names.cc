// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <fmt/format.h>
#include <string.h>  // strerrorname_np, sigabbrev_np

#include <algorithm>
#include <bit>
#include <iterator>
#include <span>

namespace wali::trace {

namespace {

struct NameRow {
    std::string_view set;  // of the row that begins a set
    std::string_view name;
    uint32_t value = 0;
    uint32_t mask = 0;
};

#define SET(set)                 NameRow{#set, {}, 0, 0},
#define VALUE(name, value)       NameRow{{}, #name, value, ~uint32_t{0}},
#define FIELD(name, value, mask) NameRow{{}, #name, value, mask},
#define FLAG(name, bits)         NameRow{{}, #name, bits, bits},
#define FCNTL(...)
#define IOCTL(...)
#define IOCTL_SIZE_T(...)
#define COMMAND(...)
#define PRCTL(...)
#define SOCKOPTS VALUE
#define EXCEPT(...)
#define KEYCTL(...)
constexpr NameRow kNames[] = {
#include "names.def"
    SET(SocketLevel)
#include "../options.def"
};
#undef SET
#undef VALUE
#undef FIELD
#undef FLAG
#undef FCNTL
#undef IOCTL
#undef IOCTL_SIZE_T
#undef COMMAND
#undef PRCTL
#undef SOCKOPTS
#undef EXCEPT
#undef KEYCTL

std::span<const NameRow> rows_of(std::string_view set) {
    const auto* begin = set.empty() ? std::end(kNames) : std::ranges::find(kNames, set, &NameRow::set);
    if (begin == std::end(kNames)) return {};
    ++begin;
    return {begin, std::find_if(begin, std::end(kNames), [](const NameRow& row) { return !row.set.empty(); })};
}

}  // namespace

bool has_names(std::string_view set) { return !rows_of(set).empty(); }

void put_names(std::string& out, std::string_view set, uint32_t value) {
    const size_t start = out.size();
    uint32_t rest = value;
    uint32_t named = 0;  // bits that have been
    for (const NameRow& row : rows_of(set)) {
        if ((value & row.mask) != row.value || (named & row.mask) != 0) continue;
        if (row.mask == ~uint32_t{0} && out.size() != start) continue;
        if (out.size() != start) out += '|';
        out += row.name;
        named |= row.mask;
        rest &= ~row.mask;
    }
    if (out.size() == start) {
        out += value < 10 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
    } else if (rest != 0) {
        out += fmt::format("|{:#x}", rest);
    }
}

std::string signal_name(int signal) {
    constexpr int kFirstRealTime = 32;  // of the kernel: two more than libc shows
    if (const char* name = ::sigabbrev_np(signal); name != nullptr) return fmt::format("SIG{}", name);
    if (signal == kFirstRealTime) return "SIGRTMIN";
    if (signal > kFirstRealTime && signal <= kSignals) return fmt::format("SIGRT_{}", signal - kFirstRealTime);
    return fmt::format("{}", signal);
}

void put_signal_set(std::string& out, uint64_t bits) {
    if (std::popcount(bits) > kSignals / 2) {
        out += '~';
        bits = ~bits;
    }
    out += '[';
    const char* between = "";
    for (int signal = 1; signal <= kSignals; ++signal) {
        if ((bits & signal_bit(signal)) == 0) continue;
        out += between;
        out += signal_name(signal);
        between = " ";
    }
    out += ']';
}

std::string error_text(int error) {
    const char* name = ::strerrorname_np(error);
    const char* description = ::strerrordesc_np(error);
    if (name == nullptr || description == nullptr) return fmt::format("errno {}", error);
    return fmt::format("{} ({})", name, description);
}

}  // namespace wali::trace
