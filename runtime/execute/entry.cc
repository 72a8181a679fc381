// SPDX-License-Identifier: Apache-2.0
// Host → wasm: one Entry per nesting level.
#include "execute/call_support.h"
#include "execute/dispatch.h"
#include "execute/operands.h"
#include "instance/context.h"
#include "instance/memory_data.h"

#include <wasm/fault.h>

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

namespace wasm {

namespace {

std::atomic<TrapHandler> g_trap_handler{nullptr};

void push_entry(ExecContext& ctx, Entry& e) {
    e.outer = ctx.entry;
    e.base = ctx.top;
    e.pc = ctx.pc;
    e.fp = ctx.fp;
    e.top = ctx.top;
    e.instance = ctx.instance;
    e.globals = ctx.globals;
    ctx.entry = &e;
    ++ctx.depth;
}

void pop_entry(ExecContext& ctx) {
    const Entry& e = *ctx.entry;
    ctx.pc = e.pc;
    ctx.fp = e.fp;
    ctx.top = e.top;
    ctx.instance = e.instance;
    ctx.globals = e.globals;
    ctx.entry = e.outer;
    --ctx.depth;
    ctx.fault_pc = nullptr;
}

// Not inlined: sigsetjmp must not make its caller's variables indeterminate.
// True: the handler of a fault has ended the run.
[[gnu::noinline]] bool run_guarded(ExecContext& ctx, Regs& r) {
    switch (sigsetjmp(ctx.entry->on_fault, 0)) {
        case 0: run_handlers(r); return false;
        case kFaultNoted: finish_fault(ctx); return false;
        default: return true;
    }
}

// Asks about the trap that is recorded, at the instruction `a`. Unless it is told to stop, it is recorded as before.
TrapOutcome ask_about_trap(ExecContext& ctx, TrapHandler handler, const Activation& a) {
    Trap trap = std::move(ctx.trap);
    ctx.pc = a.pc + 1;  // inside the instruction, as if it were a call
    ctx.fp = a.fp;
    ctx.top = a.fp + uint64_t{a.func->code->frame_slots} * 8;
    ctx.outcome = Outcome::Finished;
    Caller caller(&ctx);
    const TrapOutcome outcome = handler(caller, trap);
    if (outcome == TrapOutcome::Stop) return outcome;
    ctx.trap = std::move(trap);
    ctx.outcome = Outcome::Trapped;
    ctx.fault = {};
    return outcome;
}

// After a trap that happened in this entry: true when its handler has jumped, and execution goes on at ctx.pc, ctx.fp.
bool settle_trap(ExecContext& ctx) {
    const ExecContext::Fault at = std::exchange(ctx.fault, {});
    const TrapHandler handler = g_trap_handler.load();
    if (handler == nullptr || at.fp == nullptr) return false;
    const auto a = activation_at(ctx.instance, at.pc, at.fp);
    if (!a || a->func->code == nullptr) return false;
    return ask_about_trap(ctx, handler, *a) == TrapOutcome::Stop && settle_stop(ctx);
}

// Whether a fault is in the handler of its instruction or in a library call of that, and not in a host function, which
// may be in the middle of anything. Handlers are small.
bool is_in_handler(const ExecContext& ctx, const uint8_t* pc, uint64_t machine_pc) {
    constexpr uint64_t kLongest = 2048;
    if (is_in_library_call(ctx.fault_pc)) return true;
    return machine_pc - read_at<HandlerBits>(pc) < kLongest;
}

// The FaultSettler. While the trap handler runs, the instruction is suspended in the middle of what it does.
FaultEnd settle_fault(ExecContext& ctx, uint64_t machine_pc) {
    const ExecContext::Fault at = ctx.fault;
    const TrapHandler handler = g_trap_handler.load();
    if (handler == nullptr || at.fp < ctx.stack_base || at.fp >= ctx.stack_end) return FaultEnd::Open;
    const auto a = activation_at(ctx.instance, at.pc, at.fp);
    if (!a || a->func->code == nullptr || !is_in_handler(ctx, at.pc, machine_pc)) return FaultEnd::Open;
    uint8_t* const top = ctx.top;
    const uint8_t* const fault_pc = ctx.fault_pc;
    uint8_t* const fault_fp = ctx.fault_fp;
    finish_fault(ctx);
    ++ctx.suspended;
    const TrapOutcome outcome = ask_about_trap(ctx, handler, *a);
    --ctx.suspended;
    if (outcome != TrapOutcome::Again) return FaultEnd::Settled;
    ctx.top = top;
    ctx.fault_pc = fault_pc;
    ctx.fault_fp = fault_fp;
    ctx.outcome = Outcome::Finished;
    return FaultEnd::Again;
}

// From ctx.pc, ctx.fp.
void run_wasm(ExecContext& ctx) {
    bool again = false;
    do {
        Regs r{};
        r.pc = ctx.pc;
        r.fp = ctx.fp;
        r.mem = ctx.instance->memory_base();
        r.ctx = &ctx;
        r.acc = ctx.jump_value;  // after a jump
        const bool ended = run_guarded(ctx, r);
        again = ctx.outcome == Outcome::Trapped ? !ended && settle_trap(ctx) : ended && settle_stop(ctx);
    } while (again);
}

Stop make_stop(ExecContext& ctx) {
    Stop stop;
    switch (ctx.outcome) {
        case Outcome::Finished: break;
        case Outcome::Exited:
            stop.kind = Stop::Kind::Exited;
            stop.exit_status = ctx.exit_status;
            break;
        case Outcome::Trapped:
            stop.kind = Stop::Kind::Trapped;
            stop.trap = std::move(ctx.trap);
            break;
        case Outcome::Jump:
        case Outcome::Exception:
            // Nothing further out can catch it: unwinding has already recorded a trap.
            stop.kind = ctx.entry == nullptr ? Stop::Kind::Trapped : Stop::Kind::Unwinding;
            if (ctx.entry == nullptr) stop.trap = std::move(ctx.trap);
            break;
    }
    return stop;
}

Stop exhausted(ExecContext& ctx, const char* what) {
    record_trap(ctx, TrapKind::StackExhausted, ctx.pc == nullptr ? nullptr : ctx.pc - 1, ctx.fp, what);
    return make_stop(ctx);
}

void take_results(const ExecContext& ctx, const FuncType& type, const uint8_t* frame, Slot* results) {
    if (type.results.size() == 1 && type.results[0].slots() == 1) {
        results[0] = type.results[0].is_float() ? ctx.facc : ctx.acc;
        return;
    }
    copy_slots(results, frame, slots_of(type.results));
}

// How far a process's first stack may grow below `here` now; nullopt: `here` is on another one. The limit is asked for
// each time, because a guest may change it; and not libc, which reads a file, for which there may be no descriptor.
std::optional<int64_t> room_on_first_stack(uint64_t here) {
    constexpr uint64_t kAlwaysFree = 128 << 20;  // the kernel keeps other mappings as far away, whatever the limit
    constexpr uint64_t kGap = 1 << 20;           // that it leaves between them and the stack
    const uint64_t top = getauxval(AT_EXECFN);   // the name of the program is the last thing there
    if (here > top || top - here > kAlwaysFree) return std::nullopt;
    rlimit limit{};
    const uint64_t allowed = ::getrlimit(RLIMIT_STACK, &limit) == 0 ? limit.rlim_cur : 0;
    return static_cast<int64_t>(std::min<uint64_t>(allowed, kAlwaysFree - kGap)) - static_cast<int64_t>(top - here);
}

int64_t room_on_stack(uint64_t here) {
    if (const auto first = room_on_first_stack(here)) return *first;
    thread_local uint64_t bottom = 0;
    pthread_attr_t attributes;
    if (bottom == 0 && pthread_getattr_np(pthread_self(), &attributes) == 0) {
        void* address = nullptr;
        size_t bytes = 0;
        pthread_attr_getstack(&attributes, &address, &bytes);
        pthread_attr_destroy(&attributes);
        bottom = reinterpret_cast<uint64_t>(address);
    }
    return bottom == 0 ? 0 : static_cast<int64_t>(here - bottom);
}

// Wasm code has a stack of its own, but each nesting level takes from the thread's, and how much the embedder's
// functions take is not known here. Asked only when there is reason to.
bool has_host_stack(const ExecContext& ctx) {
    constexpr uint32_t kSurely = 16;
    constexpr int64_t kSpare = 128 << 10;
    return ctx.depth < kSurely || room_on_stack(reinterpret_cast<uint64_t>(__builtin_frame_address(0))) > kSpare;
}

Stop call_host_directly(ExecContext& ctx, FuncData* f, const Slot* args, Slot* results) {
    Entry e;
    push_entry(ctx, e);
    auto* frame = reinterpret_cast<Slot*>(e.base);
    copy_slots(frame, args, f->param_slots);
    ctx.pc = nullptr;
    ctx.top = e.base + f->frame_bytes;
    ctx.outcome = Outcome::Finished;
    Caller caller(&ctx);
    const bool finished = f->host(caller, frame, f->env) == HostOutcome::Continue;
    if (finished) copy_slots(results, frame, f->result_slots);
    pop_entry(ctx);
    return finished ? Stop{} : make_stop(ctx);
}

}  // namespace

Stop enter_from_host(ExecContext& ctx, FuncData* f, const Slot* args, Slot* results) {
    if (ctx.depth >= ctx.store->options().max_host_depth || !has_host_stack(ctx)) {
        return exhausted(ctx, "too many nested calls from the host");
    }
    if (ctx.top + uint64_t{f->frame_bytes} + 16 > ctx.stack_end) return exhausted(ctx, "");
    ExecContext* previous = current_context();
    set_current_context(&ctx);
    Stop stop;
    if (f->instance == nullptr) {
        stop = call_host_directly(ctx, f, args, results);
    } else {
        Entry e;
        push_entry(ctx, e);
        uint8_t* frame = e.base;
        copy_slots(frame, args, f->param_slots);
        const uint8_t* link[2] = {halt_pc(), frame};
        std::memcpy(frame + uint64_t{f->param_slots} * 8, link, sizeof link);
        enter_instance(ctx, f->instance);
        ctx.outcome = Outcome::Finished;
        ctx.pc = f->entry.load(std::memory_order_acquire);
        ctx.fp = frame;
        run_wasm(ctx);
        if (ctx.outcome == Outcome::Finished) take_results(ctx, f->func_type(), frame, results);
        pop_entry(ctx);
        stop = make_stop(ctx);
    }
    set_current_context(previous);
    return stop;
}

void set_trap_handler(TrapHandler handler) {
    g_trap_handler.store(handler);
    set_fault_settler(handler != nullptr ? &settle_fault : nullptr);
}

}  // namespace wasm
