// SPDX-License-Identifier: Apache-2.0
// The list of cases that the engine does not support yet (../skips.txt).
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace spec {

// One file pattern with one range of lines.
struct Skip {
    std::string pattern;  // shell pattern of the script's path in the suite, e.g. "simd_*.wast"
    uint32_t first = 0;   // lines, inclusive
    uint32_t last = ~0U;
    std::string reason;
    bool matches(std::string_view file) const;
    bool covers(uint32_t line) const { return first <= line && line <= last; }
    std::string place() const;  // as it stands in the list
};

struct SkipList {
    std::vector<Skip> skips;
    std::string error;  // when not empty: why the list cannot be used, with the line at fault
};
// Lines are `FILE[:LINE[-LINE],…] reason`; # starts a comment. A rule without a reason is an error.
// `name` stands in the message.
SkipList read_skips(std::istream& in, const std::string& name);

}  // namespace spec
