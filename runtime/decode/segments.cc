// SPDX-License-Identifier: Apache-2.0
#include "decode/segments.h"

#include "decode/code_iterator.h"
#include "decode/type_decoder.h"

namespace wasm {
namespace {

bool opens_block(Op op) { return info(op).imm == Imm::Block || info(op).imm == Imm::TryTable; }

// Flags of an element segment (spec §5.5.12).
constexpr uint32_t kNotActive = 1;
constexpr uint32_t kExplicit = 2;  // active: a table index; else: declarative
constexpr uint32_t kExprs = 4;

// An element kind or reference type stands in the segment unless it is active in table 0 by default.
ValType read_element_type(Reader& r, const ModuleData& m, uint32_t flags) {
    if ((flags & (kNotActive | kExplicit)) == 0) return kFuncRef;
    if ((flags & kExprs) != 0) return read_ref_type(r, m.options.features);
    const uint8_t* at = r.pos();
    const uint8_t kind = r.u8();
    if (kind != 0) r.fail("malformed element kind", at, kind);
    return kFuncRef;
}

void read_elements(Reader& r, const ModuleData& m, ElementSegment& segment) {
    const uint8_t* at = r.pos();
    const uint32_t n = r.count();
    if (n > kMaxElements) return r.fail_limit("too many elements", at, n, kMaxElements);
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        if (segment.has_exprs) {
            segment.exprs.push_back(read_const_expr(r, m));
        } else {
            segment.functions.push_back(r.u32());
        }
    }
}

void element_segment(Reader& r, ModuleData& m) {
    ElementSegment segment;
    segment.offset = r.offset();
    const uint8_t* at = r.pos();
    const uint32_t flags = r.u32();
    if (flags > (kNotActive | kExplicit | kExprs)) return r.fail("malformed elements segment kind", at, flags);
    if ((flags & kNotActive) == 0) {
        segment.mode = SegmentMode::Active;
        if ((flags & kExplicit) != 0) segment.table = r.u32();
        segment.table_offset = read_const_expr(r, m);
    } else {
        segment.mode = (flags & kExplicit) != 0 ? SegmentMode::Declarative : SegmentMode::Passive;
    }
    segment.type = read_element_type(r, m, flags);
    segment.has_exprs = (flags & kExprs) != 0;
    read_elements(r, m, segment);
    m.elements.push_back(std::move(segment));
}

void data_segment(Reader& r, ModuleData& m) {
    constexpr uint32_t kActive = 0, kPassive = 1, kActiveIn = 2;
    DataSegment segment;
    segment.offset = r.offset();
    const uint8_t* at = r.pos();
    const uint32_t kind = r.u32();
    if (kind != kActive && kind != kPassive && kind != kActiveIn) {
        return r.fail("malformed data segment kind", at, kind);
    }
    if (kind != kPassive) {
        segment.mode = SegmentMode::Active;
        if (kind == kActiveIn) segment.memory = r.u32();
        segment.memory_offset = read_const_expr(r, m);
    }
    const uint32_t size = r.count();
    segment.bytes = r.bytes(size);
    m.datas.push_back(segment);
}

}  // namespace

ConstExpr read_const_expr(Reader& r, const ModuleData& m) {
    ConstExpr expr;
    expr.offset = r.offset();
    if (r.failed()) return expr;
    const Bytes rest(r.pos(), r.remaining());
    CodeIterator it(m, rest, expr.offset);
    Instr instr;
    uint64_t depth = 1;
    while (depth != 0) {
        if (Result<void> read = it.next(instr); !read) {
            r.fail(std::move(read).error());
            return expr;
        }
        if (instr.op == Op::End || instr.op == Op::Delegate) {
            --depth;
        } else if (opens_block(instr.op)) {
            ++depth;
        }
    }
    expr.code = r.bytes(static_cast<size_t>(it.offset() - expr.offset));
    return expr;
}

void element_section(Reader& r, ModuleData& m) {
    const uint8_t* at = r.pos();
    const uint32_t n = r.count();
    if (n > kMaxElementSegments) return r.fail_limit("too many element segments", at, n, kMaxElementSegments);
    for (uint32_t i = 0; i < n && !r.failed(); ++i) element_segment(r, m);
}

void data_section(Reader& r, ModuleData& m) {
    const uint8_t* at = r.pos();
    const uint32_t n = r.count();
    if (n > kMaxDataSegments) return r.fail_limit("too many data segments", at, n, kMaxDataSegments);
    for (uint32_t i = 0; i < n && !r.failed(); ++i) data_segment(r, m);
}

}  // namespace wasm
