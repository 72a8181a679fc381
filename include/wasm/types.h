// SPDX-License-Identifier: Apache-2.0
// Types of the WebAssembly type system (spec §2.3) and the values that cross the embedding API.
// Plain values: copyable, no ownership, safe to use from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wasm {

// Heap types (spec §2.3.3). The enumerator of an abstract heap type is its binary code (spec §5.3.3);
// a concrete heap type is a type index and has no enumerator.
enum class HeapType : uint8_t {
    NoExn = 0x74,
    NoFunc = 0x73,
    NoExtern = 0x72,
    None = 0x71,
    Func = 0x70,
    Extern = 0x6F,
    Any = 0x6E,
    Eq = 0x6D,
    I31 = 0x6C,
    Struct = 0x6B,
    Array = 0x6A,
    Exn = 0x69,
};

// A value type in one word: number and vector types are their binary code; a reference type also carries
// nullability and its heap type (abstract code, or concrete type index of the module it is used in).
class ValType {
  public:
    enum class Kind : uint8_t { Bottom = 0, I32 = 0x7F, I64 = 0x7E, F32 = 0x7D, F64 = 0x7C, V128 = 0x7B, Ref = 0x64 };

    constexpr ValType() = default;  // Bottom: the type of unreachable code, and "no type"
    constexpr ValType(Kind kind) : bits_(static_cast<uint32_t>(kind)) {}
    static constexpr ValType ref(HeapType heap, bool nullable) {
        return ValType(static_cast<uint32_t>(Kind::Ref) | (nullable ? kNullable : 0U) |
                       static_cast<uint32_t>(heap) << kHeapShift);
    }
    static constexpr ValType ref_to(uint32_t type_index, bool nullable) {
        return ValType(static_cast<uint32_t>(Kind::Ref) | (nullable ? kNullable : 0U) | kConcrete |
                       type_index << kHeapShift);
    }

    constexpr Kind kind() const { return static_cast<Kind>(bits_ & 0xFFU); }
    constexpr bool is_num() const { return kind() >= Kind::F64; }
    constexpr bool is_float() const { return kind() == Kind::F32 || kind() == Kind::F64; }
    constexpr bool is_int() const { return kind() == Kind::I32 || kind() == Kind::I64; }
    constexpr bool is_vec() const { return kind() == Kind::V128; }
    constexpr bool is_ref() const { return kind() == Kind::Ref; }
    constexpr bool is_bottom() const { return kind() == Kind::Bottom; }
    constexpr bool is_nullable() const { return (bits_ & kNullable) != 0; }
    constexpr bool is_concrete() const { return (bits_ & kConcrete) != 0; }
    constexpr HeapType heap() const { return static_cast<HeapType>(bits_ >> kHeapShift); }
    constexpr uint32_t type_index() const { return bits_ >> kHeapShift; }
    // Number of 8-byte slots a value of this type takes on the value stack.
    constexpr uint32_t slots() const { return is_vec() ? 2 : 1; }
    constexpr uint32_t raw() const { return bits_; }  // for hashing and ordering
    constexpr bool operator==(const ValType&) const = default;

  private:
    static constexpr uint32_t kNullable = 1U << 8;
    static constexpr uint32_t kConcrete = 1U << 9;
    static constexpr uint32_t kHeapShift = 10;  // leaves 22 bits: more than the 1,000,000 types of the spec's limit
    constexpr explicit ValType(uint32_t bits) : bits_(bits) {}
    uint32_t bits_ = 0;
};

inline constexpr ValType kI32{ValType::Kind::I32};
inline constexpr ValType kI64{ValType::Kind::I64};
inline constexpr ValType kF32{ValType::Kind::F32};
inline constexpr ValType kF64{ValType::Kind::F64};
inline constexpr ValType kV128{ValType::Kind::V128};
inline constexpr ValType kFuncRef = ValType::ref(HeapType::Func, true);
inline constexpr ValType kExternRef = ValType::ref(HeapType::Extern, true);
inline constexpr ValType kExnRef = ValType::ref(HeapType::Exn, true);

// Whether values of the type are functions: concrete types are function types.
constexpr bool is_function_reference(ValType type) {
    return type.is_ref() && (type.is_concrete() || type.heap() == HeapType::Func || type.heap() == HeapType::NoFunc);
}

// "i32", "funcref", "(ref null 3)": the text-format spelling.
std::string to_string(ValType type);

struct FuncType {
    std::vector<ValType> params;
    std::vector<ValType> results;
    bool operator==(const FuncType&) const = default;
};
// "(i32, i64) -> (f32)"
std::string to_string(const FuncType& type);

struct Limits {
    uint64_t min = 0;
    std::optional<uint64_t> max;
    bool operator==(const Limits&) const = default;
};

inline constexpr uint64_t kPageSize = 65536;  // of linear memory, spec §4.2.8

struct MemoryType {
    Limits limits;  // in pages of 2^page_size_log2 bytes
    bool shared = false;
    bool is64 = false;
    uint8_t page_size_log2 = 16;
};
struct TableType {
    ValType element = kFuncRef;
    Limits limits;  // in elements
    bool is64 = false;
};
struct GlobalType {
    ValType type;
    bool is_mutable = false;
    bool operator==(const GlobalType&) const = default;
};
struct TagType {
    FuncType type;  // results are empty
};

enum class ExternKind : uint8_t { Func = 0, Table = 1, Memory = 2, Global = 3, Tag = 4 };
std::string_view to_string(ExternKind kind);

// One 8-byte cell of the value stack, as host functions see it. A 32-bit value occupies the low half; the
// high half is unspecified, so readers must go through the accessor of the right width.
struct Slot {
    uint64_t bits = 0;
    uint32_t u32() const { return static_cast<uint32_t>(bits); }
    int32_t i32() const { return static_cast<int32_t>(bits); }
    uint64_t u64() const { return bits; }
    int64_t i64() const { return static_cast<int64_t>(bits); }
    template <class T>
    T as() const {
        static_assert(sizeof(T) <= sizeof bits);
        T value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    template <class T>
    void set(T value) {
        static_assert(sizeof(T) <= sizeof bits);
        bits = 0;
        std::memcpy(&bits, &value, sizeof value);
    }
};
static_assert(sizeof(Slot) == 8);

// A typed value, for embedders that do not know the signature at compile time. References are held as the
// engine's own pointer bits (0 = null) and stay valid as long as the Store they came from; only those to exceptions end
// with whatever holds them, and are for looking at.
struct Value {
    ValType type;
    uint64_t bits = 0;
    uint64_t high_bits = 0;  // upper half of a v128

    static Value i32(int32_t v) { return make(kI32, static_cast<uint32_t>(v)); }
    static Value i64(int64_t v) { return make(kI64, static_cast<uint64_t>(v)); }
    static Value f32(float v) { return from(kF32, v); }
    static Value f64(double v) { return from(kF64, v); }
    static Value null(ValType ref_type) { return make(ref_type, 0); }
    static Value externref(void* host) { return make(kExternRef, reinterpret_cast<uintptr_t>(host)); }

    int32_t as_i32() const { return static_cast<int32_t>(bits); }
    int64_t as_i64() const { return static_cast<int64_t>(bits); }
    float as_f32() const { return Slot{bits}.as<float>(); }
    double as_f64() const { return Slot{bits}.as<double>(); }
    bool is_null() const { return type.is_ref() && bits == 0; }

  private:
    static Value make(ValType t, uint64_t b) {
        Value v;
        v.type = t;
        v.bits = b;
        return v;
    }
    template <class T>
    static Value from(ValType t, T x) {
        Slot s;
        s.set(x);
        return make(t, s.bits);
    }
};

}  // namespace wasm
