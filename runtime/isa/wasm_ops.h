// SPDX-License-Identifier: Apache-2.0
// The opcode table as C++ values. Everything here is derived from wasm_ops.def by the compiler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wasm {

enum class Op : uint16_t {
#define OP(id, ...) id,
#include "isa/wasm_ops.def"
#undef OP
};

// What follows the opcode in the binary (spec §5.4).
enum class Imm : uint8_t {
    None,
    Block,
    TagIndex,
    Label,
    LabelTable,
    FuncIndex,
    CallIndirect,
    ValTypes,
    TryTable,
    LocalIndex,
    GlobalIndex,
    TableIndex,
    MemIndex,
    MemArg,
    I32,
    I64,
    F32,
    F64,
    HeapType,
    DataMem,  // data index, memory index
    DataIndex,
    MemMem,     // destination memory, source memory
    ElemTable,  // element index, table index
    ElemIndex,
    TableTable,  // destination table, source table
    ZeroByte,
};

// How the translator treats an opcode.
enum class Family : uint8_t {
    Special,  // a visit of its own
    IntUnary,
    IntBinary,
    IntCompare,
    IntEqz,
    FloatUnary,
    FloatBinary,
    FloatCompare,
    IntToFloat,
    FloatToInt,
    Load,
    Store,
    InPlace,  // operands in consecutive slots, results over them; rare operations
};

// Row 0 of the feature column: on in every configuration.
enum class OpFeature : uint8_t { Core, Threads, TailCall, Exceptions, LegacyExceptions };

struct OpInfo {
    std::string_view text;
    uint8_t prefix;
    uint32_t code;
    Imm imm;
    std::string_view params;  // letters i l f d
    std::string_view results;
    bool special;  // signature is not fixed
    OpFeature feature;
    Family family;
    uint8_t align;  // log2 of the access size

    // Of a load or store: the value in memory is as wide as on the stack.
    constexpr bool is_full_width() const {
        const char value = results.empty() ? params.back() : results[0];
        return align == (value == 'i' || value == 'f' ? 2 : 3);
    }
};

namespace detail {
constexpr std::string_view sig_params(std::string_view sig) {
    const std::string_view p = sig.substr(0, sig.find('_'));
    return p == "v" ? std::string_view{} : p;
}
constexpr std::string_view sig_results(std::string_view sig) {
    if (sig.find('_') == std::string_view::npos) return {};
    const std::string_view r = sig.substr(sig.find('_') + 1);
    return r == "v" ? std::string_view{} : r;
}
}  // namespace detail

inline constexpr OpInfo kOps[] = {
#define OP(id, text, prefix, code, imm, sig, feature, family, meaning, align) \
    {text,                                                                    \
     prefix,                                                                  \
     code,                                                                    \
     Imm::imm,                                                                \
     std::string_view{#sig} == "special" ? "" : detail::sig_params(#sig),     \
     std::string_view{#sig} == "special" ? "" : detail::sig_results(#sig),    \
     std::string_view{#sig} == "special",                                     \
     OpFeature::feature,                                                      \
     Family::family,                                                          \
     align},
#include "isa/wasm_ops.def"
#undef OP
};
inline constexpr size_t kOpCount = std::size(kOps);

constexpr const OpInfo& info(Op op) { return kOps[static_cast<size_t>(op)]; }

namespace detail {
constexpr bool ops_strictly_sorted() {
    for (size_t i = 1; i < kOpCount; ++i) {
        const uint64_t before = uint64_t{kOps[i - 1].prefix} << 32 | kOps[i - 1].code;
        if (before >= (uint64_t{kOps[i].prefix} << 32 | kOps[i].code)) return false;
    }
    return true;
}
constexpr auto make_decode_table(uint8_t prefix) {
    std::array<int16_t, 256> table{};
    for (auto& entry : table) entry = -1;
    for (size_t i = 0; i < kOpCount; ++i) {
        if (kOps[i].prefix == prefix) table[kOps[i].code] = static_cast<int16_t>(i);
    }
    return table;
}
}  // namespace detail
static_assert(detail::ops_strictly_sorted(), "wasm_ops.def must be sorted by (prefix, code), without duplicates");

// Opcode byte (or code after a prefix byte) → row of kOps, -1 if there is none.
inline constexpr auto kDecodePlain = detail::make_decode_table(0x00);
inline constexpr auto kDecodeFC = detail::make_decode_table(0xFC);
inline constexpr auto kDecodeFE = detail::make_decode_table(0xFE);

}  // namespace wasm
