// SPDX-License-Identifier: Apache-2.0
// Instantiation (spec §4.5.4): the objects of a module, its imports, its segments.
#pragma once

#include "instance/objects.h"

#include <memory>
#include <string>
#include <vector>

namespace wasm {

// Does what is offered satisfy what the import declares (spec §3.5.?, import matching)? Empty string: yes; else why
// not.
std::string mismatch(const ExternType& wanted, const Extern& offered);

// Makes the instance; `imports` match, one per import of the module. Limit or Resource error when a memory or table
// cannot be had.
Result<InstanceData*> make_instance(StoreData& store,
                                    std::shared_ptr<const Module> module,
                                    const std::vector<Extern>& imports);

// Active segments, in order; stops at the first out of bounds.
std::optional<TrapKind> initialise_segments(InstanceData& instance);

// The bulk operations, shared with their instructions. Spec: bounds first, then the whole copy.
bool table_init(InstanceData& instance, uint32_t table, uint32_t segment, uint32_t to, uint32_t from, uint32_t n);
bool memory_init(InstanceData& instance, uint32_t memory, uint32_t segment, uint32_t to, uint32_t from, uint32_t n);

}  // namespace wasm
