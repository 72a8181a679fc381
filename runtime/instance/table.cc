// SPDX-License-Identifier: Apache-2.0
#include "instance/exceptions.h"

#include <algorithm>

namespace wasm {

std::optional<uint64_t> TableData::grow(uint64_t delta, uint64_t fill) {
    const std::lock_guard lock(grow_lock);
    const uint64_t old = size.load(std::memory_order_relaxed);
    if (delta > max - std::min(max, old)) return std::nullopt;
    const uint64_t wanted = old + delta;
    if (wanted > capacity) {
        const uint64_t room = std::min(max, std::max(wanted, capacity * 2));
        auto fresh = std::unique_ptr<uint64_t[]>(new (std::nothrow) uint64_t[room]);
        if (fresh == nullptr) return std::nullopt;
        if (old != 0) std::copy_n(elements.load(std::memory_order_relaxed), old, fresh.get());
        elements.store(fresh.get(), std::memory_order_release);
        arrays.push_back(std::move(fresh));
        capacity = room;
    }
    std::fill_n(elements.load(std::memory_order_relaxed) + old, delta, fill);
    size.store(wanted, std::memory_order_release);
    return old;
}

void init_tag(TagData& tag, const FuncType& type) {
    tag.type = type;
    uint32_t slot = 0;
    for (const ValType t : type.params) {
        if (refers_to_exception(t)) tag.exceptions.push_back(slot);
        slot += t.slots();
    }
}

// What a host has of an exception does not own it: only null goes back.
bool fits(const Value& value, ValType type) {
    if (!type.is_ref() || !value.type.is_ref()) return value.type == type;
    if (value.bits == 0) return type.is_nullable();
    if (refers_to_exception(type) || refers_to_exception(value.type)) return false;
    return value.type == type ||
           (is_function_reference(value.type) && !type.is_concrete() && type.heap() == HeapType::Func) ||
           (!value.type.is_concrete() && !type.is_concrete() && value.type.heap() == type.heap());
}

TableData* StoreData::new_table(const TableType& type, uint64_t fill) {
    const std::lock_guard guard(lock);
    TableData& t = tables.emplace_back();
    t.store = this;
    t.type = type;
    t.holds_exceptions = refers_to_exception(type.element);
    const uint64_t declared = type.limits.max.value_or(~uint64_t{0});
    t.max = std::min(declared, options.max_table_elements);
    if (!t.grow(type.limits.min, fill)) {
        tables.pop_back();
        return nullptr;
    }
    return &t;
}

const TableType& Table::type() const { return data_->type; }
uint64_t Table::size() const { return data_->size.load(std::memory_order_acquire); }
std::optional<Value> Table::get(uint64_t index) const {
    if (index >= size()) return std::nullopt;
    Value v = Value::null(data_->type.element);
    v.bits = data_->elements.load(std::memory_order_acquire)[index];
    return v;
}
bool Table::set(uint64_t index, Value value) const {
    if (index >= size() || !fits(value, data_->type.element)) return false;
    if (data_->holds_exceptions) return fill_elements(*data_->store, *data_, index, 0, 1);
    data_->elements.load(std::memory_order_acquire)[index] = value.bits;
    return true;
}
bool Table::grow(uint64_t delta, Value fill) const {
    return fits(fill, data_->type.element) && data_->grow(delta, fill.bits).has_value();
}

}  // namespace wasm
