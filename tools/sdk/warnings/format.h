// SPDX-License-Identifier: Apache-2.0
// Formats of printf: how wide the arguments are that they read.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace wali {

struct Conversion {
    std::string_view spelling;  // "%5lu"; of a width given by an argument: "*"
    unsigned bytes;
};

// One for each argument, in order. nullopt: not a format, or one with numbered arguments.
inline std::optional<std::vector<Conversion>> read_format(std::string_view format) {
    constexpr std::string_view kDigits = "0123456789", kFlags = "-+ #0'I";
    std::vector<Conversion> found;
    for (size_t at = 0; (at = format.find('%', at)) != format.npos;) {
        const size_t begin = at++;
        const auto skip = [&](std::string_view set) {
            const size_t end = format.find_first_not_of(set, at);
            at = end == format.npos ? format.size() : end;
        };
        const auto number_or_star = [&] {
            if (at < format.size() && format[at] == '*') {
                found.push_back({format.substr(at, 1), 4});
                ++at;
            } else {
                skip(kDigits);
            }
        };
        skip(kFlags);
        number_or_star();
        if (at < format.size() && format[at] == '$') return std::nullopt;
        if (at < format.size() && format[at] == '.') {
            ++at;
            number_or_star();
        }
        const size_t length_at = at;
        skip("hlqLjzZt");
        const std::string_view length = format.substr(length_at, at - length_at);
        if (at == format.size()) return std::nullopt;
        const char kind = format[at++];
        unsigned bytes = 4;
        if (std::string_view("diouxX").find(kind) != std::string_view::npos) {
            if (length.find_first_of("lqLj") != length.npos) bytes = 8;
        } else if (std::string_view("aAeEfFgG").find(kind) != std::string_view::npos) {
            bytes = length == "L" ? 16 : 8;
        } else if (kind == '%' || kind == 'm') {
            continue;
        } else if (std::string_view("cCsSpn").find(kind) == std::string_view::npos) {
            return std::nullopt;
        }
        found.push_back({format.substr(begin, at - begin), bytes});
    }
    return found;
}

}  // namespace wali
