// SPDX-License-Identifier: Apache-2.0
#include "skips.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <charconv>
#include <istream>

namespace spec {
namespace {

bool parse_number(std::string_view text, uint32_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

// "12" or "12-30"
bool parse_range(std::string_view text, Skip& skip) {
    const size_t dash = text.find('-');
    if (!parse_number(text.substr(0, dash), skip.first)) return false;
    if (dash == std::string_view::npos) return skip.last = skip.first, true;
    return parse_number(text.substr(dash + 1), skip.last) && skip.first <= skip.last;
}

bool parse_rule(std::string_view line, std::vector<Skip>& out) {
    const size_t blank = line.find(' ');
    const size_t reason = line.find_first_not_of(' ', blank);
    if (blank == std::string_view::npos || reason == std::string_view::npos) return false;
    std::string_view place = line.substr(0, blank);
    const size_t colon = place.find(':');
    Skip skip{.pattern = std::string(place.substr(0, colon)), .reason = std::string(line.substr(reason))};
    if (colon == std::string_view::npos) return out.push_back(skip), true;
    for (size_t at = colon; at != std::string_view::npos;) {
        const size_t comma = place.find(',', at + 1);
        if (!parse_range(place.substr(at + 1, comma - at - 1), skip)) return false;
        out.push_back(skip);
        at = comma;
    }
    return true;
}

}  // namespace

bool Skip::matches(std::string_view file) const {
    return fnmatch(pattern.c_str(), std::string(file).c_str(), FNM_PATHNAME) == 0;
}

std::string Skip::place() const {
    if (last == ~0U) return pattern;
    return first == last ? fmt::format("{}:{}", pattern, first) : fmt::format("{}:{}-{}", pattern, first, last);
}

SkipList read_skips(std::istream& in, const std::string& name) {
    SkipList list;
    if (!in) list.error = fmt::format("{}: cannot be read", name);
    uint32_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty() || line[0] == '#') continue;
        if (parse_rule(line, list.skips)) continue;
        list.error = fmt::format("{}:{}: expected FILE[:LINE[-LINE],…] reason", name, number);
        break;
    }
    return list;
}

}  // namespace spec
