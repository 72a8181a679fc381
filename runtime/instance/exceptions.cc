// SPDX-License-Identifier: Apache-2.0
#include "instance/exceptions.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace wasm {

namespace {

constexpr size_t kLeastLimit = 1024;

ExceptionData* exception_of(uint64_t bits) { return reinterpret_cast<ExceptionData*>(bits); }

// Whoever calls this owns it already, or knows an owner that stays meanwhile.
void own(uint64_t bits, uint64_t times = 1) {
    if (bits != 0) exception_of(bits)->owners.fetch_add(times, std::memory_order_relaxed);
}

// Not by recursion: an exception may mention another, that a third, and so on for a million of them.
void disown(uint64_t bits, uint64_t times = 1) {
    std::vector<uint64_t> rest;
    while (true) {
        ExceptionData* const e = exception_of(bits);
        if (e != nullptr && times != 0 && e->owners.fetch_sub(times, std::memory_order_acq_rel) == times) {
            for (const uint32_t slot : e->tag->exceptions) rest.push_back(e->values[slot]);
            e->store.live_exceptions.fetch_sub(1, std::memory_order_relaxed);
            delete e;
        }
        if (rest.empty()) return;
        bits = rest.back();
        times = 1;
        rest.pop_back();
    }
}

void hold(ExecContext& ctx, uint64_t bits) {
    if (bits != 0) ctx.held.push_back(exception_of(bits));
}

// The roots of a thread: every word that may be a reference to something it holds.
template <class Visit>
void for_each_root(const ExecContext& ctx, Visit visit) {
    visit(ctx.acc.bits);
    visit(reinterpret_cast<uintptr_t>(ctx.exception));
    for (const uint8_t* p = ctx.stack_base; p + sizeof(uint64_t) <= ctx.top; p += sizeof(uint64_t)) {
        uint64_t bits = 0;
        std::memcpy(&bits, p, sizeof bits);
        visit(bits);
    }
}

uint64_t* element_at(const TableData& table, uint64_t index) { return table.elements.load() + index; }
bool has_elements(const TableData& table, uint64_t index, uint64_t count) {
    const uint64_t size = table.size.load();
    return count <= size && index <= size - count;
}

// The store's exceptions_lock is held.
void replace(uint64_t& cell, uint64_t value) {
    own(value);
    disown(std::exchange(cell, value));
}

}  // namespace

ExceptionData* new_exception(ExecContext& ctx, const TagData& tag, const uint64_t* values) {
    if (has_to_let_go(ctx)) let_go(ctx);
    StoreData& store = *ctx.store->data();
    auto* e = new ExceptionData(store, tag);
    e->values.assign(values, values + slots_of(tag.type.params));
    for (const uint32_t slot : tag.exceptions) own(values[slot]);
    store.live_exceptions.fetch_add(1, std::memory_order_relaxed);
    ctx.held.push_back(e);
    return e;
}

void hold_values(ExecContext& ctx, const ExceptionData& exception) {
    for (const uint32_t slot : exception.tag->exceptions) {
        own(exception.values[slot]);
        hold(ctx, exception.values[slot]);
    }
}

// A word that only looks like a reference keeps an exception for longer than need be, no more.
void let_go(ExecContext& ctx) {
    std::vector<ExceptionData*>& held = ctx.held;
    std::sort(held.begin(), held.end());
    std::vector<ExceptionData*> once;
    std::unique_copy(held.begin(), held.end(), std::back_inserter(once));
    std::vector<bool> mentioned(once.size());
    for_each_root(ctx, [&](uint64_t bits) {
        const auto at = std::lower_bound(once.begin(), once.end(), exception_of(bits));
        if (at != once.end() && *at == exception_of(bits)) mentioned[static_cast<size_t>(at - once.begin())] = true;
    });
    std::vector<ExceptionData*> kept;
    size_t next = 0;
    for (size_t i = 0; i < once.size(); ++i) {
        uint64_t times = 0;
        for (; next < held.size() && held[next] == once[i]; ++next) ++times;
        if (mentioned[i]) kept.push_back(once[i]);
        disown(reinterpret_cast<uintptr_t>(once[i]), times - (mentioned[i] ? 1 : 0));
    }
    held = std::move(kept);
    ctx.held_limit = std::max(kLeastLimit, held.size() * 2);
}

uint64_t read_exception(ExecContext& ctx, const uint64_t* cell) {
    uint64_t value = 0;
    {
        const std::lock_guard lock(ctx.store->data()->exceptions_lock);
        own(value = *cell);
    }
    hold(ctx, value);
    return value;
}

void write_exception(StoreData& store, uint64_t* cell, uint64_t value) {
    const std::lock_guard lock(store.exceptions_lock);
    replace(*cell, value);
}

bool read_element(ExecContext& ctx, const TableData& table, uint64_t index, uint64_t& value) {
    {
        const std::lock_guard lock(ctx.store->data()->exceptions_lock);
        if (!has_elements(table, index, 1)) return false;
        own(value = *element_at(table, index));
    }
    hold(ctx, value);
    return true;
}

bool fill_elements(StoreData& store, TableData& table, uint64_t index, uint64_t value, uint64_t count) {
    const std::lock_guard lock(store.exceptions_lock);
    if (!has_elements(table, index, count)) return false;
    for (uint64_t i = 0; i < count; ++i) replace(*element_at(table, index + i), value);
    return true;
}

bool copy_elements(
    StoreData& store, TableData& to, uint64_t at, const TableData& from, uint64_t first, uint64_t count) {
    const std::lock_guard lock(store.exceptions_lock);
    if (!has_elements(to, at, count) || !has_elements(from, first, count)) return false;
    const bool ascending = at <= first;
    for (uint64_t n = 0; n < count; ++n) {
        const uint64_t i = ascending ? n : count - 1 - n;
        replace(*element_at(to, at + i), *element_at(from, first + i));
    }
    return true;
}

std::optional<uint64_t> grow_table(StoreData& store, TableData& table, uint64_t delta, uint64_t fill) {
    const std::lock_guard lock(store.exceptions_lock);
    const auto old = table.grow(delta, fill);
    if (old) own(fill, delta);
    return old;
}

void copy_globals(const ExecContext& creator, ExecContext& ctx) {
    const InstanceData& home = *ctx.home_instance;
    const std::lock_guard lock(ctx.store->data()->exceptions_lock);
    std::copy_n(creator.globals_of(ctx.home_instance), home.globals_block_size, ctx.home_globals);
    for (const uint32_t slot : home.exception_globals) own(ctx.home_globals[slot].bits);
}

void release_all(ThreadData& thread) {
    ExecContext& ctx = thread.ctx;
    for (ExceptionData* const e : std::exchange(ctx.held, {})) disown(reinterpret_cast<uintptr_t>(e));
    if (ctx.home_globals == nullptr || ctx.home_instance == nullptr) return;
    for (const uint32_t slot : ctx.home_instance->exception_globals) {
        disown(std::exchange(ctx.home_globals[slot].bits, 0));
    }
}

void release_all(StoreData& store) {
    for (TableData& table : store.tables) {
        if (table.holds_exceptions) fill_elements(store, table, 0, 0, table.size.load());
    }
    for (const auto& instance : store.instances) {
        for (const uint32_t slot : instance->exception_globals) {
            write_exception(store, &instance->globals_block[slot].bits, 0);
        }
    }
}

}  // namespace wasm
