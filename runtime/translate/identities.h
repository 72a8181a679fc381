// SPDX-License-Identifier: Apache-2.0
// Identities of operations that the translator uses, derived from their names: i32.lt_s has its operands exchanged by
// i32.gt_s, and its sense by i32.ge_s.
#pragma once

#include "isa/op_facts.h"

#include <array>
#include <optional>
#include <string_view>

namespace wasm {

namespace detail {
struct OpPair {
    std::string_view one, other;
};
inline constexpr OpPair kSwapped[] = {
    {"add", "add"},   {"mul", "mul"},   {"and", "and"},   {"or", "or"},     {"xor", "xor"},
    {"eq", "eq"},     {"ne", "ne"},     {"lt_s", "gt_s"}, {"lt_u", "gt_u"}, {"gt_s", "lt_s"},
    {"gt_u", "lt_u"}, {"le_s", "ge_s"}, {"le_u", "ge_u"}, {"ge_s", "le_s"}, {"ge_u", "le_u"},
};
inline constexpr OpPair kOpposites[] = {
    {"eq", "ne"},     {"ne", "eq"},     {"lt_s", "ge_s"}, {"ge_s", "lt_s"}, {"lt_u", "ge_u"},
    {"ge_u", "lt_u"}, {"gt_s", "le_s"}, {"le_s", "gt_s"}, {"gt_u", "le_u"}, {"le_u", "gt_u"},
};

// "i32.lt_s" → "lt_s"
constexpr std::string_view short_name(Op op) { return info(op).text.substr(info(op).text.find('.') + 1); }

// By opcode: the other operation of the same type; Nop when there is none. Not for comparisons of floats.
template <size_t N>
constexpr std::array<Op, kOpCount> make_pairs(const OpPair (&pairs)[N]) {
    std::array<Op, kOpCount> result{};
    result.fill(Op::Nop);
    for (size_t i = 0; i < kOpCount; ++i) {
        const Op op = static_cast<Op>(i);
        const Family family = info(op).family;
        if (family != Family::IntBinary && family != Family::IntCompare && family != Family::FloatBinary) continue;
        for (const OpPair& pair : pairs) {
            if (short_name(op) != pair.one) continue;
            for (size_t k = 0; k < kOpCount; ++k) {
                const Op other = static_cast<Op>(k);
                if (info(other).family == info(op).family && info(other).params == info(op).params &&
                    short_name(other) == pair.other) {
                    result[i] = other;
                }
            }
        }
    }
    return result;
}
inline constexpr auto kSwappedOps = make_pairs(kSwapped);
inline constexpr auto kOppositeOps = make_pairs(kOpposites);
}  // namespace detail

// The same operation with its operands exchanged, or nullopt.
inline std::optional<Op> swapped(Op op) {
    const Op other = detail::kSwappedOps[static_cast<size_t>(op)];
    return other == Op::Nop ? std::nullopt : std::optional(other);
}

// Of an integer comparison: the one that is true when this is false.
inline Op opposite(Op compare) { return detail::kOppositeOps[static_cast<size_t>(compare)]; }

// Divisions, and conversions of floats to integers.
inline bool may_trap(Op op) {
    if (info(op).family != Family::IntBinary) return info(op).family == Family::FloatToInt;
    const std::string_view name = detail::short_name(op);
    return name.starts_with("div") || name.starts_with("rem");
}

namespace detail {
constexpr Op find_full_load(std::string_view letter) {
    for (size_t i = 0; i < kOpCount; ++i) {
        const OpInfo& op = kOps[i];
        if (op.family == Family::Load && op.results == letter && op.is_full_width()) return static_cast<Op>(i);
    }
    return Op::Nop;
}
}  // namespace detail

// The load of a value of this numeric type in its full width.
inline Op load_of(ValType type) {
    constexpr Op kI32Load = detail::find_full_load("i"), kI64Load = detail::find_full_load("l");
    constexpr Op kF32Load = detail::find_full_load("f"), kF64Load = detail::find_full_load("d");
    if (type.is_float()) return type == kF32 ? kF32Load : kF64Load;
    return type == kI32 ? kI32Load : kI64Load;
}

}  // namespace wasm
