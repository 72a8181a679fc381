// SPDX-License-Identifier: Apache-2.0
#include "decode/utf8.h"

#include <fmt/format.h>

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

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
        const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + i;
        const size_t length = sequence_length(p, text.size() - i);
        const bool is_control = p[0] < 0x20 || p[0] == 0x7F || (length == 2 && p[0] == 0xC2 && p[1] < 0xA0);
        if (length == 0 || is_control) {
            result += fmt::format("\\{:02x}", p[0]);
            ++i;
        } else {
            result.append(text, i, length);
            i += length;
        }
    }
    return result;
}

}  // namespace wasm
