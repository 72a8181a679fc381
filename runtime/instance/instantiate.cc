// SPDX-License-Identifier: Apache-2.0
#include "instance/instantiate.h"

#include "instance/const_expr.h"
#include "instance/exceptions.h"
#include "instance/memory_data.h"
#include "instance/translation.h"

#include <algorithm>
#include <cstring>

namespace wasm {

namespace {

bool limits_match(const Limits& wanted, uint64_t offered_min, const std::optional<uint64_t>& offered_max) {
    if (offered_min < wanted.min) return false;
    return !wanted.max || (offered_max && *offered_max <= *wanted.max);
}

std::string limits_text(uint64_t min, const std::optional<uint64_t>& max) {
    return std::to_string(min) + (max ? ".." + std::to_string(*max) : " or more");
}

std::string table_mismatch(const TableType& wanted, const Table& offered) {
    if (!(offered.type().element == wanted.element)) {
        return "table of " + to_string(wanted.element) + " wanted, of " + to_string(offered.type().element) +
               " offered";
    }
    if (!limits_match(wanted.limits, offered.size(), offered.type().limits.max)) {
        return "table size " + limits_text(wanted.limits.min, wanted.limits.max) + " wanted, " +
               limits_text(offered.size(), offered.type().limits.max) + " offered";
    }
    return {};
}

std::string memory_mismatch(const MemoryType& wanted, const Memory& offered) {
    if (wanted.shared != offered.type().shared)
        return wanted.shared ? "shared memory wanted" : "unshared memory wanted";
    const uint64_t pages = offered.size() >> wanted.page_size_log2;
    if (!limits_match(wanted.limits, pages, offered.type().limits.max)) {
        return "memory size " + limits_text(wanted.limits.min, wanted.limits.max) + " pages wanted, " +
               limits_text(pages, offered.type().limits.max) + " offered";
    }
    return {};
}

}  // namespace

std::string mismatch(const ExternType& wanted, const Extern& offered) {
    if (wanted.kind != offered.kind) {
        return std::string(to_string(wanted.kind)) + " wanted, " + std::string(to_string(offered.kind)) + " offered";
    }
    switch (wanted.kind) {
        case ExternKind::Func:
            if (offered.func.type() == wanted.func) return {};
            return to_string(wanted.func) + " wanted, " + to_string(offered.func.type()) + " offered";
        case ExternKind::Table: return table_mismatch(wanted.table, offered.table);
        case ExternKind::Memory: return memory_mismatch(wanted.memory, offered.memory);
        case ExternKind::Global:
            if (offered.global.type() == wanted.global) return {};
            return std::string("global ") + (wanted.global.is_mutable ? "mut " : "") + to_string(wanted.global.type) +
                   " wanted, " + (offered.global.type().is_mutable ? "mut " : "") +
                   to_string(offered.global.type().type) + " offered";
        case ExternKind::Tag:
            if (offered.tag.type() == wanted.tag.type) return {};
            return "tag " + to_string(wanted.tag.type) + " wanted, " + to_string(offered.tag.type()) + " offered";
    }
    return {};
}

namespace {

class Builder {
  public:
    Builder(StoreData& store, InstanceData& instance) : store_(store), instance_(instance), data_(instance.data()) {}

    void import(const std::vector<Extern>& imports) {
        for (const Extern& e : imports) {
            switch (e.kind) {
                case ExternKind::Func: instance_.funcs.push_back(e.func.data()); break;
                case ExternKind::Table: instance_.tables.push_back(e.table.data()); break;
                case ExternKind::Memory: instance_.memories.push_back(e.memory.data()); break;
                case ExternKind::Global: instance_.globals.push_back(e.global.data()); break;
                case ExternKind::Tag: instance_.tags.push_back(e.tag.data()); break;
            }
        }
    }

    void make_functions() {
        for (const FuncType& t : data_.types) instance_.types.push_back(intern(t));
        const size_t own = data_.functions.size() - data_.imported_functions;
        instance_.own_funcs = std::make_unique<FuncData[]>(own);
        instance_.own_func_count = own;
        for (size_t i = 0; i < own; ++i) {
            FuncData& f = instance_.own_funcs[i];
            const FuncDecl& decl = data_.functions[data_.imported_functions + i];
            const FuncType& type = data_.types[decl.type_index];
            f.type = instance_.types[decl.type_index];
            f.param_slots = static_cast<uint16_t>(slots_of(type.params));
            f.result_slots = static_cast<uint16_t>(slots_of(type.results));
            f.frame_bytes = uint32_t{std::max(f.param_slots, f.result_slots)} * 8;
            f.instance = &instance_;
            f.index = static_cast<uint32_t>(data_.imported_functions + i);
            set_stub(f);
            instance_.funcs.push_back(&f);
        }
    }

    Result<void> make_memories() {
        for (size_t i = data_.imported_memories; i < data_.memories.size(); ++i) {
            auto memory = WASM_TRY(make_memory_data(data_.memories[i].type, store_.options.max_memory_bytes,
                                                    store_.options.explicit_bounds_checks));
            const std::lock_guard lock(store_.lock);
            instance_.memories.push_back(store_.memories.emplace_back(std::move(memory)).get());
        }
        instance_.bounds_checks = !instance_.memories.empty() && !instance_.memories[0]->is_guarded();
        return {};
    }

    void make_globals() {
        uint32_t slots = 0;
        for (size_t i = 0; i < data_.globals.size(); ++i) {
            instance_.global_slots.push_back(slots);
            const bool imported = i < data_.imported_globals;
            instance_.global_indirect.push_back(imported && data_.globals[i].type.is_mutable ? 1 : 0);
            if (refers_to_exception(data_.globals[i].type.type) && instance_.global_indirect.back() == 0) {
                instance_.exception_globals.push_back(slots);
            }
            slots += data_.globals[i].type.type.slots();
        }
        instance_.globals_block = std::make_unique<Slot[]>(slots + 1);
        instance_.globals_block_size = slots;
        for (size_t i = 0; i < data_.globals.size(); ++i) make_global(i);
    }

    Result<void> make_tables() {
        for (size_t i = data_.imported_tables; i < data_.tables.size(); ++i) {
            const TableDecl& decl = data_.tables[i];
            const uint64_t fill = decl.init ? evaluate(instance_, *decl.init) : 0;
            TableData* t = store_.new_table(decl.type, fill);
            if (t == nullptr) {
                return Error{ErrorKind::Limit,
                             "table of " + std::to_string(decl.type.limits.min) + " elements exceeds the limit of " +
                                 std::to_string(store_.options.max_table_elements),
                             {},
                             {},
                             {},
                             {}};
            }
            instance_.tables.push_back(t);
        }
        return {};
    }

    void make_tags() {
        for (size_t i = data_.imported_tags; i < data_.tags.size(); ++i) {
            const std::lock_guard lock(store_.lock);
            TagData& t = store_.tags.emplace_back();
            init_tag(t, data_.types[data_.tags[i].type_index]);
            instance_.tags.push_back(&t);
        }
    }

    void make_segments() {
        instance_.dropped_data = std::make_unique<std::atomic<bool>[]>(data_.datas.size());
        instance_.dropped_elem = std::make_unique<std::atomic<bool>[]>(data_.elements.size());
    }

  private:
    // A mutable import is reached through its cell; everything else has its value in the block.
    void make_global(size_t i) {
        Slot* in_block = &instance_.globals_block[instance_.global_slots[i]];
        if (i < data_.imported_globals) {
            Slot* cell = instance_.globals[i]->cell;
            if (instance_.global_indirect[i] != 0)
                in_block->bits = reinterpret_cast<uintptr_t>(cell);
            else
                std::memcpy(static_cast<void*>(in_block), cell, data_.globals[i].type.type.slots() * sizeof(Slot));
            return;
        }
        GlobalData* g = nullptr;
        {
            const std::lock_guard lock(store_.lock);
            g = &store_.globals.emplace_back();
        }
        g->store = &store_;
        g->type = data_.globals[i].type;
        g->cell = in_block;
        in_block->bits = evaluate(instance_, data_.globals[i].init);
        instance_.globals.push_back(g);
    }

    StoreData& store_;
    InstanceData& instance_;
    const ModuleData& data_;
};

uint64_t element(const InstanceData& instance, const ElementSegment& segment, uint32_t i) {
    if (segment.has_exprs) return evaluate(instance, segment.exprs[i]);
    return reinterpret_cast<uintptr_t>(instance.funcs[segment.functions[i]]);
}

}  // namespace

Result<InstanceData*> make_instance(StoreData& store,
                                    std::shared_ptr<const Module> module,
                                    const std::vector<Extern>& imports) {
    InstanceData* instance = nullptr;
    {
        const std::lock_guard lock(store.lock);
        instance = store.instances.emplace_back(std::make_unique<InstanceData>()).get();
        instance->number = static_cast<uint32_t>(store.instances.size() - 1);
    }
    instance->store = &store;
    instance->module = std::move(module);
    Builder builder(store, *instance);
    builder.import(imports);
    builder.make_functions();
    WASM_TRY(builder.make_memories());
    builder.make_globals();
    WASM_TRY(builder.make_tables());
    builder.make_tags();
    builder.make_segments();
    return instance;
}

uint8_t* InstanceData::memory_base() const {
    return memories.empty() ? nullptr : reinterpret_cast<uint8_t*>(memories[0]->base());
}

bool table_init(InstanceData& instance, uint32_t table, uint32_t segment, uint32_t to, uint32_t from, uint32_t n) {
    TableData& t = *instance.tables[table];
    const ElementSegment& s = instance.data().elements[segment];
    const uint64_t available = instance.dropped_elem[segment].load() ? 0 : s.size();
    if (uint64_t{from} + n > available || uint64_t{to} + n > t.size.load(std::memory_order_acquire)) return false;
    if (t.holds_exceptions) {
        for (uint32_t i = 0; i < n; ++i) {
            fill_elements(*instance.store, t, uint64_t{to} + i, element(instance, s, from + i), 1);
        }
        return true;
    }
    uint64_t* elements = t.elements.load(std::memory_order_acquire);
    for (uint32_t i = 0; i < n; ++i) elements[to + i] = element(instance, s, from + i);
    return true;
}

bool memory_init(InstanceData& instance, uint32_t memory, uint32_t segment, uint32_t to, uint32_t from, uint32_t n) {
    const MemoryData& m = *instance.memories[memory];
    const DataSegment& s = instance.data().datas[segment];
    const uint64_t available = instance.dropped_data[segment].load() ? 0 : s.bytes.size();
    if (uint64_t{from} + n > available || uint64_t{to} + n > m.size.load(std::memory_order_acquire)) return false;
    if (n != 0) std::memcpy(m.base() + to, s.bytes.data() + from, n);
    return true;
}

std::optional<TrapKind> initialise_segments(InstanceData& instance) {
    const ModuleData& data = instance.data();
    for (uint32_t i = 0; i < data.elements.size(); ++i) {
        const ElementSegment& s = data.elements[i];
        if (s.mode == SegmentMode::Passive) continue;
        if (s.mode == SegmentMode::Active) {
            const auto offset = static_cast<uint32_t>(evaluate(instance, s.table_offset));
            if (!table_init(instance, s.table, i, offset, 0, static_cast<uint32_t>(s.size())))
                return TrapKind::OutOfBoundsTable;
        }
        instance.dropped_elem[i] = true;
    }
    for (uint32_t i = 0; i < data.datas.size(); ++i) {
        const DataSegment& s = data.datas[i];
        if (s.mode != SegmentMode::Active) continue;
        const auto offset = static_cast<uint32_t>(evaluate(instance, s.memory_offset));
        if (!memory_init(instance, s.memory, i, offset, 0, static_cast<uint32_t>(s.bytes.size())))
            return TrapKind::OutOfBoundsMemory;
        instance.dropped_data[i] = true;
    }
    return std::nullopt;
}

}  // namespace wasm
