// SPDX-License-Identifier: Apache-2.0
// Entering the interpreter from the host and leaving it; the slow paths of calls.
#include "execute/call_support.h"
#include "execute/operands.h"
#include "instance/memory_data.h"
#include "instance/translation.h"

#include <cstring>

namespace wasm {

namespace {

// Instructions that are return addresses. Filled before main: handler addresses are not constants to the language.
struct StaticCode {
    alignas(8) HandlerBits halt = code_op_handler(CodeOp::Halt);
    alignas(8) HandlerBits leave_boundary = code_op_handler(CodeOp::LeaveBoundary);
};
const StaticCode g_static_code;

uint64_t* slots(uint8_t* p) { return reinterpret_cast<uint64_t*>(p); }

bool all_ints(const std::vector<ValType>& types) {
    for (const ValType t : types) {
        if (!t.is_int()) return false;
    }
    return true;
}
bool can_adapt(const FuncType& from, const FuncType& to) {
    return all_ints(from.params) && all_ints(from.results) && all_ints(to.params) && all_ints(to.results);
}

// Values of integer types `from`, as a callee or caller that expects `to` finds them in C: missing ones are zero, an
// i32 read as i64 is zero-extended, extra ones are ignored.
void adapt_values(uint64_t* values, const std::vector<ValType>& from, const std::vector<ValType>& to) {
    for (size_t i = 0; i < to.size(); ++i) {
        if (i >= from.size())
            values[i] = 0;
        else if (from[i] == kI32)
            values[i] = static_cast<uint32_t>(values[i]);
    }
}

void stop_with_trap(ExecContext& ctx, TrapKind kind, const uint8_t* pc, uint8_t* fp, std::string detail) {
    record_trap(ctx, kind, pc, fp, std::move(detail));
}

bool accept_mismatch(ExecContext& ctx, const SlowCall& call, const uint8_t* site_pc, uint8_t* site_fp) {
    const FuncType& expected = type_of(call.expected);
    const FuncType& actual = call.f->func_type();
    const bool adapt = ctx.store->options().call_mismatch == CallMismatch::AdaptIntegers && can_adapt(actual, expected);
    std::string detail = "call expects " + to_string(expected) + ", function is " + to_string(actual);
    if (!adapt) {
        stop_with_trap(ctx, TrapKind::IndirectCallMismatch, site_pc, site_fp, std::move(detail));
        return false;
    }
    if (!ctx.store->data()->warned_mismatch.exchange(true)) {
        ctx.store->data()->log(LogLevel::Warn, "load",
                               "calls through a function pointer of another type are adapted (first: " + detail + ")");
    }
    return true;
}

CallOut call_host(ExecContext& ctx, const SlowCall& call) {
    FuncData* f = call.f;
    ctx.top = call.args + f->frame_bytes;
    Caller caller(&ctx);
    if (f->host(caller, reinterpret_cast<Slot*>(call.args), f->env) != HostOutcome::Continue) return CallOut::Stopped;
    if (f->type != call.expected) {
        adapt_values(slots(call.args), f->func_type().results, type_of(call.expected).results);
    }
    return CallOut::Returned;
}

CallOut call_through_boundary(ExecContext& ctx, const SlowCall& call) {
    FuncData* f = call.f;
    uint8_t* frame = call.args + uint64_t{kBoundarySlots} * 8;
    std::memmove(frame, call.args, uint64_t{f->param_slots} * 8);
    const BoundaryFrame boundary{call.return_pc, call.return_fp, ctx.instance, ctx.globals, call.expected, f->type};
    std::memcpy(call.args, &boundary, sizeof boundary);
    uint64_t* link = slots(frame) + f->param_slots;
    link[0] = reinterpret_cast<uintptr_t>(leave_boundary_pc());
    link[1] = reinterpret_cast<uintptr_t>(call.args);
    enter_instance(ctx, f->instance);
    ctx.pc = f->entry.load(std::memory_order_acquire);
    ctx.fp = frame;
    return CallOut::Entered;
}

}  // namespace

const uint8_t* halt_pc() { return reinterpret_cast<const uint8_t*>(&g_static_code.halt); }
const uint8_t* leave_boundary_pc() { return reinterpret_cast<const uint8_t*>(&g_static_code.leave_boundary); }

CallOut call_out(ExecContext& ctx, const SlowCall& call, const uint8_t* site_pc, uint8_t* site_fp) {
    const bool mismatch = call.f->type != call.expected;
    if (mismatch && !accept_mismatch(ctx, call, site_pc, site_fp)) return CallOut::Stopped;
    const FuncType& expected = type_of(call.expected);
    if (call.tail_from != nullptr) std::memmove(call.args, call.tail_from, uint64_t{slots_of(expected.params)} * 8);
    if (mismatch) adapt_values(slots(call.args), expected.params, call.f->func_type().params);
    return call.f->instance == nullptr ? call_host(ctx, call) : call_through_boundary(ctx, call);
}

void leave_boundary(ExecContext& ctx, uint8_t* at) {
    BoundaryFrame boundary;
    std::memcpy(&boundary, at, sizeof boundary);
    const FuncType& callee = type_of(boundary.callee_type);
    const FuncType& caller = type_of(boundary.caller_type);
    uint8_t* results = at + uint64_t{kBoundarySlots} * 8;
    if (boundary.callee_type != boundary.caller_type) {
        if (callee.results.size() == 1) slots(results)[0] = ctx.acc.bits;
        adapt_values(slots(results), callee.results, caller.results);
        if (caller.results.size() == 1) ctx.acc.bits = slots(results)[0];
    }
    if (caller.results.size() > 1) std::memmove(at, results, uint64_t{slots_of(caller.results)} * 8);
    ctx.pc = boundary.return_pc;
    ctx.fp = boundary.fp;
    ctx.instance = boundary.instance;
    ctx.globals = boundary.globals;
}

bool translate_now(ExecContext& ctx, FuncData* f, const uint8_t* pc, uint8_t* fp) {
    const Result<void> done = translate_function(*f);
    if (done) return true;
    record_trap(ctx, TrapKind::InvalidBody, pc, fp, done.error().describe());
    return false;
}

InterruptEnd run_interrupt(ExecContext& ctx) {
    ctx.interrupt.store(0, std::memory_order_relaxed);
    ctx.stack_limit.store(ctx.stack_end, std::memory_order_relaxed);
    StoreData& store = *ctx.store->data();
    if (store.hook == nullptr) return InterruptEnd::Same;
    const uint8_t* pc = ctx.pc;
    uint8_t* fp = ctx.fp;
    const Slot acc = ctx.acc;
    const auto a = activation_at(ctx.instance, pc, fp);
    if (!a) return InterruptEnd::Same;
    ctx.top = fp + uint64_t{a->func->code->frame_slots} * 8;
    ctx.pc = pc + 1;  // inside the instruction that has not begun: as if it were a call
    Caller caller(&ctx);
    const HostOutcome outcome = store.hook(caller, store.hook_env);
    ctx.acc = acc;
    if (outcome == HostOutcome::Continue) return InterruptEnd::Same;
    return settle_stop(ctx) ? InterruptEnd::Moved : InterruptEnd::Stop;
}

}  // namespace wasm
