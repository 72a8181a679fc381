// SPDX-License-Identifier: Apache-2.0
#include "view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wali::trace {

namespace {

constexpr uint64_t kShownBytes = 32;  // as strace
constexpr uint32_t kLongestString = 4096;

char escape_letter(char c) {
    switch (c) {
        case '\n': return 'n';
        case '\t': return 't';
        case '\r': return 'r';
        case '\f': return 'f';
        case '\v': return 'v';
        case '"':
        case '\\': return c;
        default: return 0;
    }
}

}  // namespace

void put_address(std::string& out, uint64_t address) {
    out += address == 0 ? std::string("NULL") : fmt::format("{:#x}", address);
}

void put_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        if (const char letter = escape_letter(c); letter != 0) {
            out += '\\';
            out += letter;
        } else if (byte >= 0x20 && byte < 0x7F) {
            out += c;
        } else {
            // Shorter than three digits only if the next character cannot be taken for one.
            const bool digit_follows = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '7';
            out += digit_follows ? fmt::format("\\{:03o}", byte) : fmt::format("\\{:o}", byte);
        }
    }
    out += '"';
}

void put_bytes(std::string& out, const CallView& view, wasm::GuestAddr at, uint64_t bytes) {
    std::array<char, kShownBytes> copy;
    const uint64_t shown = std::min(bytes, kShownBytes);
    if (wasm::raw(at) == 0 || !view.memory.read(at, copy.data(), shown)) return put_address(out, wasm::raw(at));
    put_quoted(out, {copy.data(), static_cast<size_t>(shown)});
    if (shown < bytes) out += "...";
}

void put_string(std::string& out, const CallView& view, wasm::GuestAddr at) {
    const auto text = wasm::raw(at) == 0 ? std::nullopt : view.memory.load_string(at, kLongestString);
    text ? put_quoted(out, *text) : put_address(out, wasm::raw(at));
}

}  // namespace wali::trace
