// SPDX-License-Identifier: Apache-2.0
// Types in the binary format (spec §5.3). Faults are left in the Reader; the result is then meaningless.
#pragma once

#include "decode/code_iterator.h"
#include "decode/reader.h"

namespace wasm {

ValType read_val_type(Reader& r, Features features);
ValType read_ref_type(Reader& r, Features features);
// The immediate of ref.null: the nullable reference to the heap type.
ValType read_heap_type(Reader& r, Features features);
BlockType read_block_type(Reader& r, Features features);
FuncType read_func_type(Reader& r, Features features);
TableType read_table_type(Reader& r, Features features);
MemoryType read_memory_type(Reader& r, Features features);
GlobalType read_global_type(Reader& r, Features features);
// Attribute and type index of a tag.
uint32_t read_tag_type(Reader& r);
std::string_view read_name(Reader& r);

}  // namespace wasm
