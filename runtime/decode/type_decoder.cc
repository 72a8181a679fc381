// SPDX-License-Identifier: Apache-2.0
#include "decode/type_decoder.h"

#include "decode/utf8.h"

namespace wasm {
namespace {

constexpr uint8_t kRefNull = 0x63;  // (ref null ht)
constexpr uint8_t kRef = 0x64;      // (ref ht)
constexpr uint8_t kEmptyBlock = 0x40;
constexpr uint8_t kFuncTypeCode = 0x60;

constexpr uint8_t code(HeapType heap) { return static_cast<uint8_t>(heap); }

// A single byte that is a negative number in LEB128: how types are told from type indices.
bool is_type_code(uint8_t byte) { return (byte & 0xC0) == 0x40; }

// The nullable reference to the abstract heap type `byte`; `what` is the message if there is none.
ValType abstract_ref(Reader& r, Features features, uint8_t byte, const uint8_t* at, const char* what) {
    if (byte == code(HeapType::Func)) return kFuncRef;
    if (byte == code(HeapType::Extern)) return kExternRef;
    if (byte == code(HeapType::Exn) && features.has(Feature::Exceptions)) return kExnRef;
    if (byte >= code(HeapType::Array) && byte <= code(HeapType::NoExn)) {
        r.fail("unsupported feature: garbage collection (heap type)", at, byte);
    } else {
        r.fail(what, at, byte);
    }
    return {};
}

// Behind 0x63 and 0x64.
ValType long_ref_type(Reader& r, Features features, bool nullable, const uint8_t* at) {
    if (!is_type_code(r.peek())) {
        (void)r.s33();
        r.fail("unsupported feature: typed function references (reference to a type index)", at);
        return {};
    }
    const uint8_t* heap_at = r.pos();
    const ValType type = abstract_ref(r, features, r.u8(), heap_at, "malformed heap type");
    if (!nullable) r.fail("unsupported feature: typed function references (non-nullable reference)", at);
    return type;
}

Limits read_limits(Reader& r, bool has_max) {
    Limits limits;
    limits.min = r.u64();
    if (has_max) limits.max = r.u64();
    return limits;
}

std::vector<ValType> read_result_type(Reader& r, Features features, uint32_t limit, const char* what) {
    const uint8_t* at = r.pos();
    const uint32_t n = r.count();
    std::vector<ValType> types;
    if (n > limit) return r.fail_limit(what, at, n, limit), types;
    for (uint32_t i = 0; i < n && !r.failed(); ++i) types.push_back(read_val_type(r, features));
    return types;
}

}  // namespace

ValType read_val_type(Reader& r, Features features) {
    const uint8_t* at = r.pos();
    const uint8_t byte = r.u8();
    switch (byte) {
        case static_cast<uint8_t>(ValType::Kind::I32): return kI32;
        case static_cast<uint8_t>(ValType::Kind::I64): return kI64;
        case static_cast<uint8_t>(ValType::Kind::F32): return kF32;
        case static_cast<uint8_t>(ValType::Kind::F64): return kF64;
        case static_cast<uint8_t>(ValType::Kind::V128):
            r.fail("unsupported feature: SIMD (value type v128)", at);
            return {};
        case kRefNull:
        case kRef: return long_ref_type(r, features, byte == kRefNull, at);
        default: return abstract_ref(r, features, byte, at, "malformed value type");
    }
}

ValType read_ref_type(Reader& r, Features features) {
    const uint8_t* at = r.pos();
    const uint8_t byte = r.u8();
    if (byte == kRefNull || byte == kRef) return long_ref_type(r, features, byte == kRefNull, at);
    return abstract_ref(r, features, byte, at, "malformed reference type");
}

ValType read_heap_type(Reader& r, Features features) {
    const uint8_t* at = r.pos();
    if (is_type_code(r.peek())) return abstract_ref(r, features, r.u8(), at, "malformed heap type");
    if (r.s33() < 0) {
        r.fail("malformed heap type", at);
    } else {
        r.fail("unsupported feature: typed function references (reference to a type index)", at);
    }
    return {};
}

BlockType read_block_type(Reader& r, Features features) {
    BlockType block;
    const uint8_t* at = r.pos();
    if (r.peek() == kEmptyBlock) {
        r.skip(1);
    } else if (is_type_code(r.peek())) {
        block.kind = BlockType::Kind::Value;
        block.value = read_val_type(r, features);
    } else {
        const int64_t index = r.s33();
        if (index < 0) r.fail("malformed block type", at);
        block.kind = BlockType::Kind::TypeIndex;
        block.type_index = static_cast<uint32_t>(index);
    }
    return block;
}

FuncType read_func_type(Reader& r, Features features) {
    const uint8_t* at = r.pos();
    const uint8_t form = r.u8();
    FuncType type;
    if (form >= 0x80) {
        r.fail("integer representation too long", at);
    } else if ((form >= 0x4E && form <= 0x50) || form == 0x5E || form == 0x5F) {
        r.fail("unsupported feature: garbage collection (type form)", at, form);
    } else if (form != kFuncTypeCode) {
        r.fail("malformed definition type", at, form);
    }
    type.params = read_result_type(r, features, kMaxParams, "too many parameters");
    type.results = read_result_type(r, features, kMaxResults, "too many results");
    return type;
}

TableType read_table_type(Reader& r, Features features) {
    TableType table;
    table.element = read_ref_type(r, features);
    const uint8_t* at = r.pos();
    const uint8_t flags = r.u8();
    if (flags == 4 || flags == 5) {
        r.fail("unsupported feature: memory64 (table with 64-bit indices)", at);
    } else if (flags > 1) {
        r.fail("malformed limits flags", at, flags);
    }
    table.limits = read_limits(r, (flags & 1) != 0);
    return table;
}

MemoryType read_memory_type(Reader& r, Features features) {
    constexpr uint8_t kHasMax = 1, kShared = 2, kIs64 = 4, kOwnPageSize = 8;
    MemoryType memory;
    const uint8_t* at = r.pos();
    const uint8_t flags = r.u8();
    const bool shared = (flags & kShared) != 0;
    if (flags > 15 || (shared && !features.has(Feature::Threads))) {
        r.fail("malformed limits flags", at, flags);
    } else if ((flags & kOwnPageSize) != 0) {
        r.fail("malformed limits flags: unsupported feature: custom page sizes,", at, flags);
    } else if ((flags & kIs64) != 0) {
        r.fail("unsupported feature: memory64 (limits flags)", at, flags);
    }
    memory.shared = shared;
    memory.limits = read_limits(r, (flags & kHasMax) != 0);
    return memory;
}

GlobalType read_global_type(Reader& r, Features features) {
    GlobalType global;
    global.type = read_val_type(r, features);
    const uint8_t* at = r.pos();
    const uint8_t mutability = r.u8();
    if (mutability > 1) r.fail("malformed mutability", at, mutability);
    global.is_mutable = mutability == 1;
    return global;
}

uint32_t read_tag_type(Reader& r) {
    const uint8_t* at = r.pos();
    const uint8_t attribute = r.u8();
    if (attribute != 0) r.fail("malformed tag attribute", at, attribute);
    return r.u32();
}

std::string_view read_name(Reader& r) {
    const uint32_t length = r.count();
    const uint8_t* at = r.pos();
    const Bytes bytes = r.bytes(length);
    if (!is_utf8(bytes)) return r.fail("malformed UTF-8 encoding", at), std::string_view{};
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace wasm
