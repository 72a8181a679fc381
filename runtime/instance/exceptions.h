// SPDX-License-Identifier: Apache-2.0
// Exception objects belong to their Store and live as long as somebody holds them. What can hold one, all of it:
//
//   - an element of a table, a cell of a global (a thread's own copies too): such a cell is an owner, and is read and
//     written under the store's exceptions_lock, by the functions here and nobody else;
//   - a value of another exception: an owner as well;
//   - a frame of a thread. Frames cannot count: their thread owns what they may refer to (`held`), and looks from time
//   to
//     time what of it they do refer to (let_go). An exception gets into a frame only by being made, caught, or read
//     from a cell; all three add it to `held`.
//
// So no thread ever has to know what another one's frames hold. A host that is given a reference (a result, Table::get)
// does not own it: it is valid until the thread it came from runs again, or the cell changes, and cannot be given back.
#pragma once

#include "instance/objects.h"

namespace wasm {

// `values`, as many as the tag's type has, are in frames of the calling thread or of the host.
ExceptionData* new_exception(ExecContext& ctx, const TagData& tag, const uint64_t* values);
// The values of an exception that this thread holds are about to be written to a frame.
void hold_values(ExecContext& ctx, const ExceptionData& exception);

// It is time for let_go: then the context's top is above all that is live in frames, and `acc` is what they do not
// have.
inline bool has_to_let_go(const ExecContext& ctx) { return ctx.held.size() >= ctx.held_limit && ctx.suspended == 0; }
void let_go(ExecContext& ctx);

// What is read is held by the thread. References are bits of slots.
uint64_t read_exception(ExecContext& ctx, const uint64_t* cell);
void write_exception(StoreData& store, uint64_t* cell, uint64_t value);
// Tables of them. False, nullopt: out of bounds, or it cannot grow.
bool read_element(ExecContext& ctx, const TableData& table, uint64_t index, uint64_t& value);
bool fill_elements(StoreData& store, TableData& table, uint64_t index, uint64_t value, uint64_t count);
bool copy_elements(StoreData& store, TableData& to, uint64_t at, const TableData& from, uint64_t first, uint64_t count);
std::optional<uint64_t> grow_table(StoreData& store, TableData& table, uint64_t delta, uint64_t fill);

// A thread that begins gets copies of the creator's globals; when it ends, nothing of it owns anything.
void copy_globals(const ExecContext& creator, ExecContext& ctx);
void release_all(ThreadData& thread);
// When the store ends.
void release_all(StoreData& store);

}  // namespace wasm
