// SPDX-License-Identifier: Apache-2.0
#include "decode/code_iterator.h"

#include "decode/reader.h"
#include "decode/type_decoder.h"
#include "isa/op_facts.h"

#include <functional>

namespace wasm {
namespace {

// Opcodes of proposals that are not supported yet, so that the message can name them. A row goes when its opcodes
// enter the table.
struct Unsupported {
    uint8_t prefix;
    uint32_t first;
    uint32_t last;
    const char* feature;
};
constexpr Unsupported kUnsupported[] = {
    {0x00, 0x14, 0x15, "typed function references"}, {0x00, 0xD3, 0xD3, "garbage collection"},
    {0x00, 0xD4, 0xD6, "typed function references"}, {0xFB, 0x00, 0x1E, "garbage collection"},
    {0xFC, 0x13, 0x16, "wide arithmetic"},           {0xFD, 0x00, 0x113, "SIMD"},
};

std::string opcode_text(uint8_t prefix, uint32_t code) {
    return prefix == 0 ? fmt::format("0x{:02x}", code) : fmt::format("0x{:02x} 0x{:02x}", prefix, code);
}

[[gnu::cold]] Error unknown_opcode(uint8_t prefix, uint32_t code, uint64_t offset) {
    for (const Unsupported& row : kUnsupported) {
        if (row.prefix == prefix && code >= row.first && code <= row.last) {
            const std::string text = opcode_text(prefix, code);
            return malformed(fmt::format("unsupported feature: {} (opcode {})", row.feature, text), offset);
        }
    }
    if (prefix == 0) return malformed(fmt::format("illegal opcode {:02x}", code), offset);
    return malformed(fmt::format("illegal opcode {:02x} {:02x}", prefix, code), offset);
}

// nullopt: no feature is needed.
constexpr std::optional<Feature> needed(OpFeature feature) {
    switch (feature) {
        case OpFeature::Core: return std::nullopt;
        case OpFeature::Threads: return Feature::Threads;
        case OpFeature::TailCall: return Feature::TailCall;
        case OpFeature::Exceptions: return Feature::Exceptions;
        case OpFeature::LegacyExceptions: return Feature::LegacyExceptions;
    }
    return std::nullopt;
}

bool enabled(const OpFacts& op, Features features) {
    if (op.feature == OpFeature::Core) return true;
    // `throw` belongs to both forms of exception handling.
    if (op.imm == Imm::TagIndex && features.has(Feature::LegacyExceptions)) return true;
    const std::optional<Feature> feature = needed(op.feature);
    return !feature || features.has(*feature);
}

[[gnu::cold]] Error disabled_opcode(Op op, uint64_t offset) {
    const OpInfo& row = info(op);
    const std::string code =
        row.prefix == 0 ? fmt::format("{:02x}", row.code) : fmt::format("{:02x} {:02x}", row.prefix, row.code);
    return malformed(fmt::format("illegal opcode {}: the feature of {} is disabled", code, row.text), offset);
}

// Row of the opcode at the cursor, or -1. Leaves what was read in `prefix` and `code` for messages.
int read_opcode(Reader& r, uint8_t& prefix, uint32_t& code) {
    prefix = 0;
    code = r.u8();
    if (code < 0xFB || code == 0xFF) [[likely]]
        return kDecodePlain[code];
    prefix = static_cast<uint8_t>(code);
    code = r.u32();
    if (code > 0xFF) return -1;
    if (prefix == 0xFC) return kDecodeFC[code];
    if (prefix == 0xFE) return kDecodeFE[code];
    return -1;
}

// Spec §5.4.6: flags below 64 are the alignment; bit 6 announces a memory index.
void read_mem_arg(Reader& r, Instr& instr) {
    constexpr uint32_t kHasMemory = 0x40;
    const uint8_t* at = r.pos();
    const uint32_t flags = r.u32();
    if (flags >= 2 * kHasMemory) [[unlikely]]
        r.fail("malformed memop flags", at, flags);
    instr.align = flags & (kHasMemory - 1);
    instr.memory = (flags & kHasMemory) != 0 ? r.u32() : 0;
    instr.memory_offset = r.u64();
}

void read_label_table(Reader& r, Instr& instr) {
    const uint32_t n = r.count();
    instr.labels.clear();
    for (uint32_t i = 0; i < n && !r.failed(); ++i) instr.labels.push_back(r.u32());
    instr.labels.push_back(r.u32());
}

void read_select_types(Reader& r, Instr& instr, Features features) {
    const uint32_t n = r.count();
    instr.types.clear();
    for (uint32_t i = 0; i < n && !r.failed(); ++i) instr.types.push_back(read_val_type(r, features));
}

void read_try_table(Reader& r, Instr& instr, Features features) {
    instr.block = read_block_type(r, features);
    const uint32_t n = r.count();
    instr.catches.clear();
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        const uint8_t* at = r.pos();
        const uint8_t kind = r.u8();
        CatchClause clause;
        if (kind > static_cast<uint8_t>(CatchClause::Kind::CatchAllRef)) r.fail("malformed catch clause", at, kind);
        clause.kind = static_cast<CatchClause::Kind>(kind);
        if (kind <= static_cast<uint8_t>(CatchClause::Kind::CatchRef)) clause.tag = r.u32();
        clause.label = r.u32();
        instr.catches.push_back(clause);
    }
}

void read_rare_immediate(Reader& r, Instr& instr, Features features) {
    switch (facts(instr.op).imm) {
        case Imm::LabelTable: return read_label_table(r, instr);
        case Imm::ValTypes: return read_select_types(r, instr, features);
        case Imm::TryTable: return read_try_table(r, instr, features);
        case Imm::HeapType: instr.type = read_heap_type(r, features); return;
        case Imm::ZeroByte:
            if (r.u8() != 0) r.fail("zero byte expected", r.pos() - 1);
            return;
        default: return;
    }
}

// One u32, an index or a label.
constexpr bool is_index(Imm imm) {
    switch (imm) {
        case Imm::TagIndex:
        case Imm::Label:
        case Imm::FuncIndex:
        case Imm::LocalIndex:
        case Imm::GlobalIndex:
        case Imm::TableIndex:
        case Imm::MemIndex:
        case Imm::DataIndex:
        case Imm::ElemIndex: return true;
        default: return false;
    }
}

void read_immediate(Reader& r, Instr& instr, const ModuleData& module) {
    if (is_index(facts(instr.op).imm)) {
        instr.index = r.u32();
        return;
    }
    switch (facts(instr.op).imm) {
        case Imm::None: return;
        case Imm::CallIndirect:
        case Imm::DataMem:
        case Imm::MemMem:
        case Imm::ElemTable:
        case Imm::TableTable:
            instr.index = r.u32();
            instr.index2 = r.u32();
            return;
        case Imm::MemArg: return read_mem_arg(r, instr);
        case Imm::I32: instr.bits = static_cast<uint64_t>(int64_t{r.s32()}); return;
        case Imm::I64: instr.bits = static_cast<uint64_t>(r.s64()); return;
        case Imm::F32: instr.bits = r.fixed<uint32_t>(); return;
        case Imm::F64: instr.bits = r.fixed<uint64_t>(); return;
        case Imm::Block: instr.block = read_block_type(r, module.options.features); return;
        default: return read_rare_immediate(r, instr, module.options.features);
    }
}

const uint8_t* end_of(Bytes bytes) { return bytes.data() + bytes.size(); }

}  // namespace

CodeIterator::CodeIterator(const ModuleData& module, Bytes expr, uint64_t base_offset)
    : module_(&module), begin_(expr.data()), pos_(expr.data()), end_(end_of(expr)), base_offset_(base_offset) {}

Result<CodeIterator> CodeIterator::for_body(const ModuleData& module,
                                            const FuncBody& body,
                                            std::vector<LocalGroup>& locals) {
    CodeIterator it(module, body.code, body.offset);
    Reader r(it.begin_, it.base_offset_, it.pos_, it.end_, end_of(module.bytes));
    const uint32_t groups = r.count();
    uint64_t total = 0;
    for (uint32_t i = 0; i < groups && !r.failed(); ++i) {
        const uint8_t* at = r.pos();
        LocalGroup group;
        group.count = r.u32();
        group.type = read_val_type(r, module.options.features);
        total += group.count;
        if (total > 0xFFFF'FFFF) r.fail("too many locals", at);
        if (group.count != 0) locals.push_back(group);
    }
    if (r.failed()) return r.error();
    if (total > kMaxLocals) return over_limit("too many locals", total, kMaxLocals, body.offset);
    it.pos_ = r.pos();
    return it;
}

uint64_t CodeIterator::offset() const { return base_offset_ + static_cast<uint64_t>(pos_ - begin_); }

Result<void> CodeIterator::next_long(Instr& instr) {
    Reader r(begin_, base_offset_, pos_, end_, end_of(module_->bytes));
    instr.offset = r.offset();
    uint8_t prefix = 0;
    uint32_t code = 0;
    const int row = read_opcode(r, prefix, code);
    if (r.failed()) [[unlikely]]
        return fault(r);
    if (row < 0) [[unlikely]]
        return unknown_opcode(prefix, code, instr.offset);
    instr.op = static_cast<Op>(row);
    const OpFacts& op = facts(instr.op);
    if (!enabled(op, module_->options.features)) [[unlikely]]
        return disabled_opcode(instr.op, instr.offset);
    read_immediate(r, instr, *module_);
    if (r.failed()) [[unlikely]]
        return fault(r);
    pos_ = r.pos();
    return {};
}

namespace {

// LEB128 of at most four bytes, which the width of no integer can be too small for. `p` moves behind it; false: longer.
bool short_leb(const uint8_t*& p, uint32_t& value) {
    value = *p++;
    if (value < 0x80) [[likely]]
        return true;
    value &= 0x7F;
    for (unsigned shift = 7; shift < 28; shift += 7) {
        const uint32_t byte = *p++;
        value |= (byte & 0x7F) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}
bool short_signed_leb(const uint8_t*& p, uint64_t& value) {
    const uint8_t* begin = p;
    uint32_t bits = 0;
    if (!short_leb(p, bits)) return false;
    const auto unused = static_cast<unsigned>(64 - 7 * (p - begin));
    value = static_cast<uint64_t>(static_cast<int64_t>(uint64_t{bits} << unused) >> unused);
    return true;
}

}  // namespace

// The shapes that make up most code: no immediate, or short ones. Leaves everything else to next_long().
bool CodeIterator::next_short(Instr& instr) {
    constexpr ptrdiff_t kLongest = 1 + 1 + 4;
    if (end_ - pos_ < kLongest) return false;
    const int row = kDecodePlain[pos_[0]];
    if (row < 0) return false;
    const Op op = static_cast<Op>(row);
    const OpFacts& facts_of_op = facts(op);
    if (facts_of_op.feature != OpFeature::Core) return false;
    const uint8_t* p = pos_ + 1;
    switch (facts_of_op.imm) {
        case Imm::None: break;
        case Imm::Label:
        case Imm::FuncIndex:
        case Imm::LocalIndex:
        case Imm::GlobalIndex:
            if (!short_leb(p, instr.index)) return false;
            break;
        case Imm::I32:
        case Imm::I64:
            if (!short_signed_leb(p, instr.bits)) return false;
            break;
        case Imm::MemArg: {
            uint32_t offset = 0;
            instr.align = *p++;
            if (instr.align >= 0x40 || !short_leb(p, offset)) return false;
            instr.memory = 0;
            instr.memory_offset = offset;
            break;
        }
        case Imm::Block:
            if (*p++ != 0x40) return false;
            instr.block = {};
            break;
        default: return false;
    }
    instr.op = op;
    instr.offset = offset();
    pos_ = p;
    return true;
}

// An instruction that runs over the end of the body may have a fault of its own, which says more.
Error CodeIterator::fault(const Reader& r) const {
    const Error error = r.error();
    const Bytes file = module_->bytes;
    const bool in_file = std::greater_equal<>()(begin_, file.data()) && std::less_equal<>()(end_, end_of(file));
    if (*error.offset != r.offset_of(end_) || !in_file) return error;
    Reader wide(begin_, base_offset_, pos_, end_of(file), end_of(file));
    uint8_t prefix = 0;
    uint32_t code = 0;
    const int row = read_opcode(wide, prefix, code);
    Instr instr;
    if (row >= 0) {
        instr.op = static_cast<Op>(row);
        read_immediate(wide, instr, *module_);
    }
    return wide.failed() ? wide.error() : error;
}

}  // namespace wasm
