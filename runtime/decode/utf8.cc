// SPDX-License-Identifier: Apache-2.0
#include "decode/utf8.h"

#include <wasm/text.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace wasm {
namespace {

bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Length of the well-formed sequence at `p`, 0 if there is none (Unicode table 3-7).
size_t sequence_length(const uint8_t* p, size_t available) {
    const uint8_t lead = p[0];
    if (lead < 0x80) return 1;
    const size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || length > available) return 0;
    for (size_t i = 1; i < length; ++i) {
        if (!is_continuation(p[i])) return 0;
    }
    const bool overlong = (lead == 0xE0 && p[1] < 0xA0) || (lead == 0xF0 && p[1] < 0x90);
    const bool surrogate = lead == 0xED && p[1] >= 0xA0;
    const bool beyond = lead == 0xF4 && p[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

bool is_utf8(std::span<const uint8_t> bytes) {
    size_t i = 0;
    while (i < bytes.size()) {
        uint64_t eight = 0;
        if (bytes.size() - i >= sizeof eight) {
            std::memcpy(&eight, bytes.data() + i, sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        const size_t length = sequence_length(bytes.data() + i, bytes.size() - i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

namespace {

struct Range {
    uint32_t first, last;
};
// Characters of the categories Cc, Cf, Zl, Zp and Co, and what is defined to be shown as nothing.
constexpr Range kInvisible[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},      {0x600, 0x605},
    {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},      {0x8E2, 0x8E2},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},    {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164},   {0xE000, 0xF8FF},   {0xFE00, 0xFE0F},    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD},  {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF},
};

uint32_t code_point(const uint8_t* p, size_t length) {
    uint32_t c = length == 1 ? p[0] : p[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; ++i) c = c << 6 | (p[i] & 0x3FU);
    return c;
}

bool is_visible(uint32_t c) {
    return std::ranges::none_of(kInvisible, [c](const Range& r) { return c >= r.first && c <= r.last; });
}

}  // namespace

std::string printable(std::string_view text, size_t most) {
    std::string result;
    result.reserve(std::min(text.size(), most));
    for (size_t i = 0; i < text.size();) {
        if (result.size() >= most) return result + fmt::format("… ({} bytes)", text.size());
        const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + i;
        const size_t length = sequence_length(p, text.size() - i);
        if (length != 0 && is_visible(code_point(p, length))) {
            result.append(text, i, length);
        } else {
            for (size_t k = 0; k < std::max<size_t>(length, 1); ++k) result += fmt::format("\\x{:02x}", p[k]);
        }
        i += std::max<size_t>(length, 1);
    }
    return result;
}

}  // namespace wasm
