// SPDX-License-Identifier: Apache-2.0
// Store, Thread and the small handles.
#include "execute/call_support.h"
#include "execute/wait.h"
#include "instance/context.h"
#include "instance/exceptions.h"
#include "instance/fork.h"
#include "instance/instantiate.h"
#include "instance/memory_data.h"
#include "instance/objects.h"

#include <wasm/fork.h>
#include <wasm/store.h>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace wasm {

// ---- Func, Global, Tag, Instance

FuncType Func::type() const { return data_->func_type(); }
std::string Func::name() const {
    return data_->instance == nullptr ? data_->name : data_->instance->module->func_name(data_->index);
}
Value Func::ref() const {
    Value v = Value::null(kFuncRef);
    v.bits = reinterpret_cast<uintptr_t>(data_);
    return v;
}
Func Func::from_ref(Value ref) {
    return is_function_reference(ref.type) ? Func(reinterpret_cast<FuncData*>(ref.bits)) : Func();
}

GlobalType Global::type() const { return data_->type; }
Value Global::get() const {
    Value v;
    v.type = data_->type.type;
    v.bits = data_->cell[0].bits;
    if (v.type == kI32 || v.type == kF32) v.bits = static_cast<uint32_t>(v.bits);
    if (v.type.is_vec()) v.high_bits = data_->cell[1].bits;
    return v;
}
bool Global::set(Value value) const {
    if (!data_->type.is_mutable || !fits(value, data_->type.type)) return false;
    if (refers_to_exception(data_->type.type)) {
        write_exception(*data_->store, &data_->cell[0].bits, 0);
        return true;
    }
    data_->cell[0].bits = value.bits;
    if (value.type.is_vec()) data_->cell[1].bits = value.high_bits;
    return true;
}
FuncType Tag::type() const { return data_->type; }

const Module& Instance::module() const { return *data_->module; }
std::optional<Extern> Instance::get_export(std::string_view name) const {
    for (const Export& e : data_->data().exports) {
        if (e.name != name) continue;
        switch (e.kind) {
            case ExternKind::Func: return Extern(Func(data_->funcs[e.index]));
            case ExternKind::Table: return Extern(Table(data_->tables[e.index]));
            case ExternKind::Memory: return Extern(Memory(data_->memories[e.index]));
            case ExternKind::Global: return Extern(Global(data_->globals[e.index]));
            case ExternKind::Tag: return Extern(Tag(data_->tags[e.index]));
        }
    }
    return std::nullopt;
}
std::optional<Func> Instance::func(std::string_view name) const {
    const auto e = get_export(name);
    return e && e->kind == ExternKind::Func ? std::optional(e->func) : std::nullopt;
}
std::optional<Memory> Instance::memory(std::string_view name) const {
    const auto e = get_export(name);
    return e && e->kind == ExternKind::Memory ? std::optional(e->memory) : std::nullopt;
}
std::optional<Global> Instance::global(std::string_view name) const {
    const auto e = get_export(name);
    return e && e->kind == ExternKind::Global ? std::optional(e->global) : std::nullopt;
}
std::optional<Table> Instance::table(std::string_view name) const {
    const auto e = get_export(name);
    return e && e->kind == ExternKind::Table ? std::optional(e->table) : std::nullopt;
}
Table Instance::table(uint32_t index) const {
    return index < data_->tables.size() ? Table(data_->tables[index]) : Table();
}
Memory Instance::memory(uint32_t index) const {
    return index < data_->memories.size() ? Memory(data_->memories[index]) : Memory();
}
uint32_t Instance::global_count() const { return static_cast<uint32_t>(data_->globals.size()); }
GlobalType Instance::global_type(uint32_t index) const { return data_->globals[index]->type; }
std::optional<uint32_t> Instance::global_index(std::string_view name) const {
    for (const Export& e : data_->data().exports) {
        if (e.kind == ExternKind::Global && e.name == name) return e.index;
    }
    for (const auto& [index, global_name] : data_->data().names().globals) {
        if (global_name == name && index < data_->globals.size()) return index;
    }
    return std::nullopt;
}

// ---- Thread

Thread::Thread(std::unique_ptr<ThreadData> data) : data_(std::move(data)) { data_->ctx.handle = this; }
Thread::~Thread() = default;

Result<std::unique_ptr<Thread>> Thread::create(Store& store, Instance instance, const Thread& creator) {
    auto data = std::make_unique<ThreadData>();
    InstanceData* const home = instance ? instance.data() : nullptr;
    if (!allocate_stack(*data, store.options().stack_bytes, home != nullptr ? home->globals_block_size : 0)) {
        return Error{ErrorKind::Resource, "the system refuses the memory of a thread's stack", {}, {}, {}, {}};
    }
    ExecContext& ctx = data->ctx;
    ctx.store = &store;
    if (home != nullptr) {
        ctx.home_instance = home;
        copy_globals(creator.data_->ctx, ctx);
    }
    return std::unique_ptr<Thread>(new Thread(std::move(data)));
}

Stop Thread::call(const Func& func, const Slot* args, Slot* results) {
    return enter_from_host(data_->ctx, func.data(), args, results);
}

Stop Thread::call(const Func& func, std::span<const Value> args, std::vector<Value>& results) {
    const FuncType& type = func.data()->func_type();
    assert(args.size() == type.params.size());
    std::vector<Slot> slots;
    for (const Value& v : args) {
        slots.push_back(Slot{v.bits});
        if (v.type.is_vec()) slots.push_back(Slot{v.high_bits});
    }
    std::vector<Slot> out(slots_of(type.results) + 1);
    Stop stop = call(func, slots.data(), out.data());
    results.clear();
    if (!stop.finished()) return stop;
    const Slot* next = out.data();
    for (const ValType t : type.results) {
        Value v;
        v.type = t;
        v.bits = t == kI32 || t == kF32 ? next->u32() : next->bits;
        if (t.is_vec()) v.high_bits = next[1].bits;
        next += t.slots();
        results.push_back(v);
    }
    return stop;
}

void Thread::request_interrupt() {
    ExecContext& ctx = data_->ctx;
    ctx.interrupt.store(1, std::memory_order_relaxed);
    ctx.stack_limit.store(nullptr, std::memory_order_relaxed);
    // A thread asleep in memory.atomic.wait finds its word changed, whether it sleeps already or is about to.
    uint32_t asleep = ExecContext::kAsleep;
    if (ctx.wait_word.compare_exchange_strong(asleep, ExecContext::kWoken)) {
        syscall(SYS_futex, &ctx.wait_word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
}

Slot Thread::global(uint32_t index) const {
    const ExecContext& ctx = data_->ctx;
    InstanceData* i = ctx.home_instance != nullptr ? ctx.home_instance : ctx.instance;
    const Slot s = ctx.globals_of(i)[i->global_slots[index]];
    return i->global_indirect[index] != 0 ? *reinterpret_cast<const Slot*>(s.bits) : s;
}
bool Thread::set_global(uint32_t index, Value value) {
    const ExecContext& ctx = data_->ctx;
    InstanceData* i = ctx.home_instance != nullptr ? ctx.home_instance : ctx.instance;
    const GlobalType& type = i->globals[index]->type;
    if (!type.is_mutable || !type.type.is_num() || !(value.type == type.type)) return false;
    Slot& s = ctx.globals_of(i)[i->global_slots[index]];
    (i->global_indirect[index] != 0 ? *reinterpret_cast<Slot*>(s.bits) : s).bits = value.bits;
    return true;
}

[[gnu::hot]] Store& Thread::store() const { return *data_->ctx.store; }
Instance Thread::home() const { return Instance(data_->ctx.home_instance); }
Thread* Thread::current() {
    ExecContext* ctx = current_context();
    return ctx == nullptr ? nullptr : ctx->handle;
}

// ---- Store

StoreData::~StoreData() {
    main_thread.reset();
    release_all(*this);
}

Store::Store(StoreOptions options) : data_(std::make_unique<StoreData>()) {
    data_->handle = this;
    data_->options = options;
    handle_guest_faults();
    auto main = std::make_unique<ThreadData>();
    // Without a stack nothing can run; a constructor cannot say so, Linker::instantiate does.
    (void)allocate_stack(*main, options.stack_bytes);
    main->ctx.store = this;
    data_->main_thread.reset(new Thread(std::move(main)));
}
Store::~Store() = default;

Thread& Store::main_thread() { return *data_->main_thread; }
const StoreOptions& Store::options() const { return data_->options; }
void Store::set_call_mismatch(CallMismatch policy) { data_->options.call_mismatch = policy; }
void Store::set_interrupt_hook(InterruptHook hook, void* env) {
    data_->hook = hook;
    data_->hook_env = env;
}

namespace {

HostOutcome call_partial(Caller& caller, Slot* slots, void* env) {
    const auto& partial = *static_cast<const PartialHostFunc*>(env);
    const HostOutcome outcome = partial.func.fn(caller, slots, partial.func.env);
    std::fill(slots + partial.func.writes, slots + partial.results, Slot{});
    return outcome;
}

}  // namespace

Func Store::make_func(const HostFunc& func, std::string name) {
    const TypeId type = intern(func.type);
    const std::lock_guard lock(data_->lock);
    FuncData& f = data_->host_funcs.emplace_back();
    f.type = type;
    f.param_slots = static_cast<uint16_t>(slots_of(func.type.params));
    f.result_slots = static_cast<uint16_t>(slots_of(func.type.results));
    f.frame_bytes = uint32_t{std::max(f.param_slots, f.result_slots)} * 8;
    f.host = func.fn;
    f.env = func.env;
    if (func.writes < f.result_slots) {
        f.host = &call_partial;
        f.env = &data_->partial_host_funcs.emplace_back(PartialHostFunc{func, f.result_slots});
    }
    f.returns_twice = func.returns_twice;
    f.name = std::move(name);
    return Func(&f);
}

Result<Memory> Store::make_memory(const MemoryType& type) {
    auto memory =
        WASM_TRY(make_memory_data(type, data_->options.max_memory_bytes, data_->options.explicit_bounds_checks));
    const std::lock_guard lock(data_->lock);
    return Memory(data_->memories.emplace_back(std::move(memory)).get());
}

Result<Table> Store::make_table(const TableType& type, Value fill) {
    TableData* t = fits(fill, type.element) ? data_->new_table(type, fill.bits) : nullptr;
    if (t == nullptr) return Error{ErrorKind::Limit, "table exceeds the limit on elements", {}, {}, {}, {}};
    return Table(t);
}

Global Store::make_global(const GlobalType& type, Value value) {
    if (!fits(value, type.type)) return {};
    const std::lock_guard lock(data_->lock);
    GlobalData& g = data_->globals.emplace_back();
    g.store = data_.get();
    g.type = type;
    g.cell = g.own;
    g.own[0].bits = value.bits;
    g.own[1].bits = value.high_bits;
    return Global(&g);
}

Tag Store::make_tag(const FuncType& type) {
    const std::lock_guard lock(data_->lock);
    TagData& t = data_->tags.emplace_back();
    init_tag(t, type);
    return Tag(&t);
}

namespace {

// Whether fork finds other threads that may hold locks. Decided before it, for both processes.
thread_local bool t_locked_for_fork = false;

}  // namespace

[[gnu::hot]] bool Store::before_fork() {
    translate_for_children(*data_);
    give_back_kept_stacks();
    const bool alone = is_only_thread();
    if (t_locked_for_fork == alone) t_locked_for_fork = !alone;  // not written in vain: each page written is copied
    if (!alone) lock_for_fork();
    return alone;
}

[[gnu::hot]] void Store::after_fork_in_parent() {
    if (t_locked_for_fork) unlock_after_fork(false);
}
// The forking thread holds the locks and is the one that lives on.
[[gnu::hot]] void Store::after_fork_in_child(Thread&) {
    if (!t_locked_for_fork) return;
    forget_waiters();
    unlock_after_fork(true);
}

}  // namespace wasm
