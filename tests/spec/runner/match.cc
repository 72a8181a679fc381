// SPDX-License-Identifier: Apache-2.0
#include "match.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

namespace spec {
namespace {

using wasm::HeapType;
using wasm::ValType;
using wasm::Value;

// Where the engine deliberately says something else than the suite expects: both are beginnings.
struct Alias {
    std::string_view expected;
    std::string_view ours;
};
constexpr std::array<Alias, 0> kAliases{};

// Host references are numbers in scripts and pointers in the engine; number 0 is not the null pointer.
uint64_t host_ref_bits(uint64_t number) { return (number + 1) << 4; }

// The suite's texts sometimes carry details of one implementation: "type mismatch: instruction requires …",
// "unknown memory 1". The fault is the part before them.
std::string_view without_details(std::string_view text) {
    text = text.substr(0, text.find(':'));
    const size_t last_word = text.rfind(' ');
    if (last_word == std::string_view::npos) return text;
    const std::string_view word = text.substr(last_word + 1);
    const bool is_number = std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    return is_number ? text.substr(0, last_word) : text;
}

template <class Bits>
bool is_nan(Bits lane, bool canonical) {
    constexpr unsigned kMantissa = sizeof(Bits) == 4 ? 23 : 52;
    constexpr Bits kQuietNan =
        static_cast<Bits>(((Bits{1} << (sizeof(Bits) * 8 - 1)) - 1) >> (kMantissa - 1) << (kMantissa - 1));
    constexpr Bits kSign = Bits{1} << (sizeof(Bits) * 8 - 1);
    return canonical ? (lane & ~kSign) == kQuietNan : (lane & kQuietNan) == kQuietNan;
}

template <class Bits>
bool lanes_match(const uint64_t (&got)[2], const ScriptValue& e, size_t value_bytes) {
    Bits ours[16 / sizeof(Bits)];
    Bits theirs[16 / sizeof(Bits)];
    const uint64_t expected[2] = {e.bits, e.high_bits};
    std::memcpy(ours, got, sizeof ours);
    std::memcpy(theirs, expected, sizeof theirs);
    for (unsigned i = 0; i < value_bytes / sizeof(Bits); ++i) {
        const unsigned lane = 1U << i;
        const bool same = (e.canonical & lane) != 0    ? is_nan(ours[i], true)
                          : (e.arithmetic & lane) != 0 ? is_nan(ours[i], false)
                                                       : ours[i] == theirs[i];
        if (!same) return false;
    }
    return true;
}

size_t byte_size(ValType::Kind kind) {
    switch (kind) {
        case ValType::Kind::I32:
        case ValType::Kind::F32: return 4;
        case ValType::Kind::V128: return 16;
        default: return 8;
    }
}

bool bits_match(const Value& got, const ScriptValue& e) {
    if (static_cast<uint8_t>(got.type.kind()) != e.type) return false;
    const uint64_t bits[2] = {got.bits, got.high_bits};
    const size_t size = byte_size(got.type.kind());
    return e.lane_bytes == 8 || (e.lane_bytes == 0 && size >= 8) ? lanes_match<uint64_t>(bits, e, size)
                                                                 : lanes_match<uint32_t>(bits, e, size);
}

// Only func and extern can be told apart by the static type; below any, the value decides.
bool heap_agrees(ValType got, uint8_t expected) {
    const bool is_root =
        expected == static_cast<uint8_t>(HeapType::Func) || expected == static_cast<uint8_t>(HeapType::Extern);
    return !is_root || got.is_concrete() || static_cast<uint8_t>(got.heap()) == expected;
}

}  // namespace

bool matches(const Value& got, const ScriptValue& expected) {
    switch (expected.kind) {
        case ValueKind::Bits: return bits_match(got, expected);
        case ValueKind::NullRef: return got.is_null();
        case ValueKind::HostRef: return got.type.is_ref() && got.bits == host_ref_bits(expected.bits);
        case ValueKind::NonNullRef: return got.type.is_ref() && !got.is_null() && heap_agrees(got.type, expected.type);
    }
    return false;
}

std::optional<Value> to_argument(const ScriptValue& value, ValType type) {
    if (value.kind == ValueKind::Bits) {
        if (static_cast<uint8_t>(type.kind()) != value.type) return std::nullopt;
        Value v = Value::null(type);
        v.bits = value.bits;
        v.high_bits = value.high_bits;
        return v;
    }
    if (!type.is_ref()) return std::nullopt;
    if (value.kind == ValueKind::NullRef) return type.is_nullable() ? std::optional(Value::null(type)) : std::nullopt;
    if (value.kind != ValueKind::HostRef) return std::nullopt;
    Value v = Value::null(type);
    v.bits = host_ref_bits(value.bits);
    return v;
}

bool message_matches(std::string_view got, std::string_view expected) {
    const std::string_view wanted = without_details(expected);
    if (got.starts_with(wanted)) return true;
    return std::any_of(kAliases.begin(), kAliases.end(),
                       [&](const Alias& a) { return wanted.starts_with(a.expected) && got.starts_with(a.ours); });
}

std::string to_string(const ScriptValue& v) {
    switch (v.kind) {
        case ValueKind::NullRef: return "null";
        case ValueKind::HostRef: return fmt::format("host reference {}", v.bits);
        case ValueKind::NonNullRef: return "a reference";
        case ValueKind::Bits: break;
    }
    if ((v.canonical | v.arithmetic) != 0 && v.type != static_cast<uint8_t>(ValType::Kind::V128)) {
        return v.canonical != 0 ? "nan:canonical" : "nan:arithmetic";
    }
    Value plain = Value::null(static_cast<ValType::Kind>(v.type));
    plain.bits = v.bits;
    plain.high_bits = v.high_bits;
    return to_string(plain) + ((v.canonical | v.arithmetic) != 0 ? " (some lanes nan)" : "");
}

std::string to_string(const Value& v) {
    const std::string type = wasm::to_string(v.type);
    switch (v.type.kind()) {
        case ValType::Kind::I32: return fmt::format("{} {:#x}", type, static_cast<uint32_t>(v.bits));
        case ValType::Kind::F32:
            return fmt::format("{} {} ({:#010x})", type, v.as_f32(), static_cast<uint32_t>(v.bits));
        case ValType::Kind::F64: return fmt::format("{} {} ({:#018x})", type, v.as_f64(), v.bits);
        case ValType::Kind::V128: return fmt::format("{} {:#018x}:{:#018x}", type, v.high_bits, v.bits);
        default: return fmt::format("{} {:#x}", type, v.bits);
    }
}

}  // namespace spec
