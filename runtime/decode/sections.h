// SPDX-License-Identifier: Apache-2.0
// The sections of a module (spec §5.5): which exist, in what order, and how each is read into ModuleData.
#pragma once

#include "decode/module_data.h"
#include "decode/reader.h"

namespace wasm {

struct SectionKind {
    uint8_t id;
    std::string_view name;
    uint8_t order;  // position among the sections; custom sections (order 0) may stand anywhere
    // Reads the content behind the size. Faults stay in the reader.
    void (*read)(Reader&, ModuleData&);
};

// nullptr if there is no such section.
const SectionKind* find_section(uint8_t id);

}  // namespace wasm
