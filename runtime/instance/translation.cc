// SPDX-License-Identifier: Apache-2.0
#include "instance/translation.h"

#include "instance/fork.h"
#include "instance/memory_data.h"
#include "isa/code_ops.h"
#include "support/dispatch_stats.h"
#include "translate/env.h"

#include <algorithm>
#include <cstring>

namespace wasm {

namespace {

class InstanceEnv final : public TranslateEnv {
  public:
    explicit InstanceEnv(const InstanceData& instance) : TranslateEnv(instance.data()), instance_(instance) {}
    FuncLink func(uint32_t index) const override {
        const FuncData* f = instance_.funcs[index];
        const auto kind = f->instance == nullptr      ? FuncLink::Kind::Host
                          : f->instance == &instance_ ? FuncLink::Kind::Same
                                                      : FuncLink::Kind::Other;
        return {kind, reinterpret_cast<uintptr_t>(f), f->returns_twice};
    }
    GlobalLink global(uint32_t index) const override {
        return {instance_.global_slots[index], instance_.global_indirect[index] != 0};
    }
    uint64_t table_word(uint32_t index) const override { return reinterpret_cast<uintptr_t>(instance_.tables[index]); }
    TagData* tag(uint32_t index) const override { return instance_.tags[index]; }
    uint32_t canonical_type(uint32_t type_index) const override {
        return static_cast<uint32_t>(instance_.types[type_index]);
    }
    bool bounds_checks() const override { return instance_.bounds_checks; }

  private:
    const InstanceData& instance_;
};

}  // namespace

void set_stub(FuncData& f) {
    const HandlerBits handler = code_op_handler(CodeOp::Translate);
    const FuncData* self = &f;
    std::memcpy(f.stub, &handler, sizeof handler);
    std::memcpy(f.stub + layout::kFirst, &self, sizeof self);
    f.entry.store(f.stub, std::memory_order_release);
}

Result<void> translate_function(FuncData& f) {
    InstanceData& instance = *f.instance;
    const std::lock_guard lock(instance.translation_lock);
    if (f.code != nullptr) return {};
    f.code = WASM_TRY(translate(InstanceEnv(instance), f.index));
    if constexpr (kDispatchStats) {
        count_translation(f.index, instance.data().body(f.index).code.size(), f.code->size);
    }
    instance.code_map[f.code->bytes.get()] = &f;
    f.entry.store(f.code->bytes.get(), std::memory_order_release);
    tell_translated(f);
    return {};
}

uint64_t module_offset(const FuncData& f, uint32_t at) {
    std::vector<CodeOffset> map;
    if (!translate(InstanceEnv(*f.instance), f.index, &map)) return 0;
    // Fusion can remove an instruction again, so offsets may step back; the last one at or before `at` is meant.
    uint64_t offset = 0;
    for (const CodeOffset& entry : map) {
        if (entry.code <= at) offset = entry.module;
    }
    return offset;
}

}  // namespace wasm
