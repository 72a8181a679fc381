// SPDX-License-Identifier: Apache-2.0
#include "execute/unwind.h"

#include "execute/operands.h"
#include "instance/exceptions.h"

#include <algorithm>
#include <cstring>

namespace wasm {

namespace {

template <class T>
T slot_at(const uint8_t* fp, uint32_t index) {
    T value;
    std::memcpy(&value, fp + uint64_t{index} * 8, sizeof value);
    return value;
}

FuncData* function_at(InstanceData& instance, const uint8_t* pc) {
    const std::lock_guard lock(instance.translation_lock);
    auto it = instance.code_map.upper_bound(pc);
    if (it == instance.code_map.begin()) return nullptr;
    FuncData* f = std::prev(it)->second;
    const uint8_t* begin = f->code->bytes.get();
    return pc >= begin && pc < begin + f->code->size ? f : nullptr;
}

uint32_t code_offset(const Activation& a) { return static_cast<uint32_t>(a.pc - a.func->code->bytes.get()); }

// Clause of `region` that catches the exception.
const CatchTarget* matching(const TryRegion& region, const ExceptionData& exception) {
    for (const CatchTarget& c : region.catches) {
        if (c.tag == nullptr || c.tag == exception.tag) return &c;
    }
    return nullptr;
}

const CatchTarget* find_handler(const Activation& a, const ExceptionData& exception) {
    if (a.func->code == nullptr) return nullptr;
    const uint32_t at = code_offset(a);
    uint32_t max_depth = ~0U;
    for (const TryRegion& region : a.func->code->regions) {
        if (at < region.begin || at >= region.end || region.depth > max_depth) continue;
        if (region.delegate_to) {
            max_depth = *region.delegate_to;
            continue;
        }
        if (const CatchTarget* c = matching(region, exception)) return c;
    }
    return nullptr;
}

}  // namespace

std::optional<Activation> activation_at(InstanceData* instance, const uint8_t* pc, uint8_t* fp) {
    if (instance == nullptr || pc == nullptr) return std::nullopt;
    const auto* begin = reinterpret_cast<const uint8_t*>(instance->own_funcs.get());
    const size_t own = instance->funcs.size() - instance->data().imported_functions;
    if (pc >= begin && pc < begin + own * sizeof(FuncData)) {
        // In the stub of a function that is being translated.
        return Activation{&instance->own_funcs[static_cast<size_t>(pc - begin) / sizeof(FuncData)], instance, pc, fp};
    }
    if (FuncData* f = function_at(*instance, pc)) return Activation{f, instance, pc, fp};
    return std::nullopt;
}

std::optional<Activation> caller_of(const Activation& a) {
    const uint32_t link = a.func->code != nullptr ? a.func->code->link_slot : a.func->param_slots;
    const auto* return_pc = slot_at<const uint8_t*>(a.fp, link);
    auto* fp = slot_at<uint8_t*>(a.fp, link + 1);
    if (return_pc == halt_pc()) return std::nullopt;
    if (return_pc == leave_boundary_pc()) {
        const auto frame = slot_at<BoundaryFrame>(fp, 0);
        return activation_at(frame.instance, frame.return_pc - 1, frame.fp);
    }
    return activation_at(a.instance, return_pc - 1, fp);
}

void enter_instance(ExecContext& ctx, InstanceData* instance) {
    ctx.instance = instance;
    ctx.globals = ctx.globals_of(instance);
}

bool unwind_exception(ExecContext& ctx, ExceptionData* exception, const uint8_t* pc, uint8_t* fp) {
    auto a = activation_at(ctx.instance, pc, fp);
    for (; a; a = caller_of(*a)) {
        const CatchTarget* c = find_handler(*a, *exception);
        if (c == nullptr) continue;
        if (c->tag != nullptr) {
            hold_values(ctx, *exception);
            copy_slots(a->fp + uint64_t{c->value_slot} * 8, exception->values.data(), exception->values.size());
        }
        if (c->with_ref) write_at(a->fp + uint64_t{c->ref_slot} * 8, exception);
        enter_instance(ctx, a->instance);
        ctx.pc = a->func->code->bytes.get() + c->target;
        ctx.fp = a->fp;
        ctx.outcome = Outcome::Finished;
        return true;
    }
    ctx.exception = exception;
    ctx.outcome = Outcome::Exception;
    if (ctx.entry->outer == nullptr) record_trap(ctx, TrapKind::UncaughtException, pc, fp);
    return false;
}

bool settle_stop(ExecContext& ctx) {
    if (ctx.outcome == Outcome::Jump && ctx.jump_fp >= ctx.entry->base) {
        enter_instance(ctx, ctx.jump_instance);
        ctx.pc = ctx.jump_pc;
        ctx.fp = ctx.jump_fp;
        ctx.outcome = Outcome::Finished;
        return true;
    }
    if (ctx.outcome == Outcome::Exception) return unwind_exception(ctx, ctx.exception, ctx.pc - 1, ctx.fp);
    return false;
}

std::optional<Activation> find_activation(const ExecContext& ctx, uint64_t serial) {
    if (serial == 0) return std::nullopt;
    const uint8_t* pc = ctx.pc;
    uint8_t* fp = ctx.fp;
    InstanceData* instance = ctx.instance;
    for (const Entry* e = ctx.entry; e != nullptr; e = e->outer) {
        auto a = pc == nullptr ? std::nullopt : activation_at(instance, pc - 1, fp);
        for (; a; a = caller_of(*a)) {
            const uint32_t slot = a->func->code != nullptr ? a->func->code->serial_slot : 0;
            if (slot != 0 && slot_at<uint64_t>(a->fp, slot) == serial) return a;
        }
        pc = e->pc;
        fp = e->fp;
        instance = e->instance;
    }
    return std::nullopt;
}

}  // namespace wasm
