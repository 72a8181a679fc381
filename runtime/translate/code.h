// SPDX-License-Identifier: Apache-2.0
// The result of translating one function.
#pragma once

#include <wasm/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace wasm {

class TranslateEnv;
struct TagData;

// A clause of a try region, or of a legacy try.
struct CatchTarget {
    TagData* tag = nullptr;   // null: catches everything
    bool with_ref = false;    // stores the exception reference behind the values
    uint32_t value_slot = 0;  // first slot of the caught values in the frame
    uint32_t ref_slot = 0;    // where the exception reference goes, when with_ref
    uint32_t target = 0;      // code offset to continue at
};

// Code [begin, end) is protected. Inner regions come before outer ones.
struct TryRegion {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t depth = 0;                   // of the try's label, counted from the function's outside
    std::optional<uint32_t> delegate_to;  // go on searching at regions of this depth or less
    std::vector<CatchTarget> catches;
};

// A call that may return twice (setjmp): where to go on, and the operands that were below it.
struct JumpSite {
    uint32_t resume = 0;         // code offset behind the call
    uint32_t operand_slot = 0;   // first slot of the operand stack below the call's arguments
    uint32_t operand_count = 0;  // slots
    bool has_refs = false;       // one of them is a reference: it must not pass through guest memory
};

struct Code {
    std::unique_ptr<uint8_t[]> bytes;
    uint32_t size = 0;
    uint32_t frame_slots = 0;
    uint32_t link_slot = 0;  // return pc and saved fp stand here
    // Functions with jump_sites: the activation's serial, zero until its first setjmp (entering clears it).
    uint32_t serial_slot = 0;
    std::vector<TryRegion> regions;
    std::vector<JumpSite> jump_sites;
};

// Code offset → module offset, ascending; made again when a trap needs it rather than kept.
struct CodeOffset {
    uint32_t code = 0;
    uint64_t module = 0;
};

// Validates and translates function `index`. With `map`, also notes where each instruction came from;
// the code is the same byte for byte.
Result<std::unique_ptr<const Code>> translate(const TranslateEnv& env,
                                              uint32_t index,
                                              std::vector<CodeOffset>* map = nullptr);

}  // namespace wasm
