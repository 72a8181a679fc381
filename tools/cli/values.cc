// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include "exit_status.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

namespace cli {
namespace {

using wasm::ValType;
using wasm::Value;

// Decimal or 0x…, from the most negative signed to the largest unsigned value of the type.
std::optional<uint64_t> parse_bits(std::string_view word, unsigned bits) {
    const bool negative = word.starts_with('-');
    if (negative || word.starts_with('+')) word.remove_prefix(1);
    int base = 10;
    if (word.starts_with("0x") || word.starts_with("0X")) {
        base = 16;
        word.remove_prefix(2);
    }
    uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), magnitude, base);
    if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    const uint64_t largest = std::numeric_limits<uint64_t>::max() >> (64 - bits);
    if (magnitude > (negative ? largest / 2 + 1 : largest)) return std::nullopt;
    return negative ? ~magnitude + 1 : magnitude;
}

// std::strto*: unlike from_chars it also reads 0x1.8p3, and the words of argv are terminated.
template <class T>
std::optional<T> parse_float(std::string_view word) {
    const std::string text(word);
    char* end = nullptr;
    const T value = std::is_same_v<T, float> ? static_cast<T>(std::strtof(text.c_str(), &end))
                                             : static_cast<T>(std::strtod(text.c_str(), &end));
    if (text.empty() || text[0] == ' ' || *end != '\0') return std::nullopt;
    return value;
}

template <class T>
std::string format_float(T value) {
    if (std::isnan(value)) return std::signbit(value) ? "-nan" : "nan";
    return fmt::format("{}", value);
}

}  // namespace

wasm::Result<Value> parse_value(ValType type, std::string_view word) {
    if (type == wasm::kI32) {
        if (const auto bits = parse_bits(word, 32)) return Value::i32(static_cast<int32_t>(*bits));
    } else if (type == wasm::kI64) {
        if (const auto bits = parse_bits(word, 64)) return Value::i64(static_cast<int64_t>(*bits));
    } else if (type == wasm::kF32) {
        if (const auto value = parse_float<float>(word)) return Value::f32(*value);
    } else if (type == wasm::kF64) {
        if (const auto value = parse_float<double>(word)) return Value::f64(*value);
    } else if (type.is_ref() && type.is_nullable() && word == "null") {
        return Value::null(type);
    } else {
        return own_failure(fmt::format("'{}': no way to write a {} here", word, to_string(type)));
    }
    return own_failure(fmt::format("'{}' is not a value of type {}", word, to_string(type)));
}

wasm::Result<std::vector<Value>> parse_values(const wasm::FuncType& type, std::span<const std::string> words) {
    if (words.size() != type.params.size()) {
        return own_failure(fmt::format("{} takes {} argument{}, {} given", to_string(type), type.params.size(),
                                       type.params.size() == 1 ? "" : "s", words.size()));
    }
    std::vector<Value> values;
    values.reserve(words.size());
    for (size_t i = 0; i < words.size(); ++i) values.push_back(WASM_TRY(parse_value(type.params[i], words[i])));
    return values;
}

std::string format_value(const Value& value) {
    using Kind = ValType::Kind;
    switch (value.type.kind()) {
        case Kind::I32: return fmt::format("{}", value.as_i32());
        case Kind::I64: return fmt::format("{}", value.as_i64());
        case Kind::F32: return format_float(value.as_f32());
        case Kind::F64: return format_float(value.as_f64());
        case Kind::V128: return fmt::format("0x{:016x}{:016x}", value.high_bits, value.bits);
        case Kind::Ref:
            return value.is_null() ? fmt::format("null ({})", to_string(value.type))
                                   : fmt::format("{} {:#x}", to_string(value.type), value.bits);
        case Kind::Bottom: break;
    }
    return "?";
}

}  // namespace cli
