// SPDX-License-Identifier: Apache-2.0
// One cursor over a function body: local declarations, then instructions with their immediates, driven by the
// opcode table. Feeds the validator and the translator; checks only the binary grammar (spec §5.4).
#pragma once

#include "decode/module_data.h"
#include "isa/wasm_ops.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace wasm {

class Reader;

// Block type (spec §5.4.1): nothing, one result, or a type index.
struct BlockType {
    enum class Kind : uint8_t { Empty, Value, TypeIndex } kind = Kind::Empty;
    ValType value;
    uint32_t type_index = 0;
};

// A clause of try_table. The binary codes of spec §5.4.1.
struct CatchClause {
    enum class Kind : uint8_t { Catch = 0, CatchRef = 1, CatchAll = 2, CatchAllRef = 3 } kind = Kind::Catch;
    uint32_t tag = 0;
    uint32_t label = 0;
};

// One instruction. Which fields mean something follows from info(op).imm; vectors are reused between
// instructions, so copy what must live longer.
struct Instr {
    Op op = Op::Nop;
    uint64_t offset = 0;         // of the opcode in the module
    uint32_t index = 0;          // label, local, global, function, type (call_indirect), table, tag, data, elem, memory
    uint32_t index2 = 0;         // table (call_indirect, table.init), source (…copy), memory (memory.init)
    uint32_t align = 0;          // memarg: log2
    uint64_t memory_offset = 0;  // memarg
    uint32_t memory = 0;         // memarg
    uint64_t bits = 0;           // constants: i32 sign-extended to 64 bits, i64, f32 bits, f64 bits
    BlockType block;
    ValType type;                      // ref.null
    std::vector<uint32_t> labels;      // br_table: targets, the default last
    std::vector<ValType> types;        // select t*
    std::vector<CatchClause> catches;  // try_table
};

struct LocalGroup {
    uint32_t count = 0;
    ValType type;
};

class CodeIterator {
  public:
    // `expr` starts at an instruction; `base_offset` is the module offset of expr[0].
    CodeIterator(const ModuleData& module, Bytes expr, uint64_t base_offset);
    // Positioned behind the local declarations of `body`, which are appended to `locals` (spec §5.5.13: at most
    // 50,000 in all, an implementation limit).
    static Result<CodeIterator> for_body(const ModuleData& module,
                                         const FuncBody& body,
                                         std::vector<LocalGroup>& locals);

    bool at_end() const { return pos_ == end_; }
    uint64_t offset() const;  // of the next instruction in the module
    // Reads the next instruction into `instr`.
    Result<void> next(Instr& instr) {
        if (next_short(instr)) [[likely]]
            return {};
        return next_long(instr);
    }

  private:
    bool next_short(Instr& instr);
    Result<void> next_long(Instr& instr);
    [[gnu::cold]] Error fault(const Reader& r) const;

    const ModuleData* module_;
    const uint8_t* begin_;
    const uint8_t* pos_;
    const uint8_t* end_;
    uint64_t base_offset_;
};

}  // namespace wasm
