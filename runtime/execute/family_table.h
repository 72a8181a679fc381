// SPDX-License-Identifier: Apache-2.0
// Tables of handlers made by the compiler: one entry per opcode of a family and combination of locations.
#pragma once

#include "execute/handlers.h"
#include "execute/numeric.h"
#include "execute/operands.h"

#include <array>
#include <cstddef>
#include <utility>

namespace wasm {

// The C++ function that an opcode of a numeric family means.
template <Op>
struct Meaning;
#define WASM_MEANING_Special(id, meaning)
#define WASM_MEANING_Load(id, meaning)
#define WASM_MEANING_Store(id, meaning)
#define WASM_MEANING_InPlace(id, meaning)
#define WASM_MEANING_FUNCTION(id, meaning)            \
    template <>                                       \
    struct Meaning<Op::id> {                          \
        static constexpr auto fn = &numeric::meaning; \
    };
#define WASM_MEANING_IntUnary                                                 WASM_MEANING_FUNCTION
#define WASM_MEANING_IntBinary                                                WASM_MEANING_FUNCTION
#define WASM_MEANING_IntCompare                                               WASM_MEANING_FUNCTION
#define WASM_MEANING_IntEqz                                                   WASM_MEANING_FUNCTION
#define WASM_MEANING_FloatUnary                                               WASM_MEANING_FUNCTION
#define WASM_MEANING_FloatBinary                                              WASM_MEANING_FUNCTION
#define WASM_MEANING_FloatCompare                                             WASM_MEANING_FUNCTION
#define WASM_MEANING_IntToFloat                                               WASM_MEANING_FUNCTION
#define WASM_MEANING_FloatToInt                                               WASM_MEANING_FUNCTION
#define OP(id, text, prefix, code, imm, sig, feature, family, meaning, align) WASM_MEANING_##family(id, meaning)
#include "isa/wasm_ops.def"
#undef OP

template <class>
struct FnTraits;
template <class R, class A, class... More>
struct FnTraits<R (*)(A, More...)> {
    using Result = R;
    using Arg = A;
};
template <auto Fn>
using ArgOf = typename FnTraits<decltype(Fn)>::Arg;

// The rows that Pick chooses, in table order, and the place of each row among them.
template <class Pick>
struct Rows {
    static constexpr bool contains(size_t row) { return Pick::wants(kOps[row]); }
    static constexpr size_t count() {
        size_t n = 0;
        for (size_t i = 0; i < kOpCount; ++i) n += contains(i) ? 1 : 0;
        return n;
    }
    static constexpr size_t kCount = count();
    static constexpr auto make() {
        std::array<Op, kCount> rows{};
        size_t n = 0;
        for (size_t i = 0; i < kOpCount; ++i) {
            if (contains(i)) rows[n++] = static_cast<Op>(i);
        }
        return rows;
    }
    static constexpr std::array<Op, kCount> kRows = make();
    static constexpr auto make_index() {
        std::array<uint8_t, kOpCount> index{};
        for (size_t n = 0; n < kCount; ++n) index[static_cast<size_t>(kRows[n])] = static_cast<uint8_t>(n);
        return index;
    }
    static constexpr std::array<uint8_t, kOpCount> kIndex = make_index();
    static size_t index(Op op) { return kIndex[static_cast<size_t>(op)]; }
};

// All rows of some families.
template <Family... kFamilies>
struct OfFamily {
    static constexpr bool wants(const OpInfo& op) { return ((op.family == kFamilies) || ...); }
};

// A flat table [row][d][a][b]; Make::handler<op, d, a, b>() gives the entry (null: no such handler).
template <class Picked, class Make, size_t kD, size_t kA, size_t kB>
struct HandlerTable {
    static constexpr size_t kSize = Picked::kCount * kD * kA * kB;
    template <size_t I>
    static constexpr Handler at() {
        constexpr Op kOp = Picked::kRows[I / (kD * kA * kB)];
        constexpr Loc kDest = static_cast<Loc>(I / (kA * kB) % kD);
        constexpr Loc kFirst = static_cast<Loc>(I / kB % kA);
        constexpr Loc kSecond = static_cast<Loc>(I % kB);
        return Make::template handler<kOp, kDest, kFirst, kSecond>();
    }
    static HandlerBits find(Op op, Loc d, Loc a, Loc b) {
        return Handlers<HandlerTable>::find(
            ((Picked::index(op) * kD + static_cast<size_t>(d)) * kA + static_cast<size_t>(a)) * kB +
            static_cast<size_t>(b));
    }
};

// A flat table over any number of small coordinates; Make::handler<i, j, …>() gives the entry.
template <class Make, size_t... kSizes>
struct Grid {
    static constexpr size_t kSize = (kSizes * ...);
    static constexpr size_t kDims = sizeof...(kSizes);
    static constexpr std::array<size_t, kDims> kShape{kSizes...};
    static constexpr size_t coordinate(size_t flat, size_t dim) {
        for (size_t k = kDims - 1; k > dim; --k) flat /= kShape[k];
        return flat % kShape[dim];
    }
    template <size_t kFlat, size_t... kDim>
    static constexpr Handler entry(std::index_sequence<kDim...>) {
        return Make::template handler<coordinate(kFlat, kDim)...>();
    }
    template <size_t kFlat>
    static constexpr Handler at() {
        return entry<kFlat>(std::make_index_sequence<kDims>());
    }
    static HandlerBits find(std::array<size_t, kDims> place) {
        size_t flat = 0;
        for (size_t k = 0; k < kDims; ++k) {
            if (place[k] >= kShape[k]) return 0;
            flat = flat * kShape[k] + place[k];
        }
        return Handlers<Grid>::find(flat);
    }
};

constexpr size_t index_of(Loc l) { return static_cast<size_t>(l); }
constexpr bool is_imm(Loc l) { return l == Loc::Imm || l == Loc::Imm16; }
constexpr bool is_local(Loc l) { return l == Loc::Slot || is_pinned(l); }

}  // namespace wasm
