// SPDX-License-Identifier: Apache-2.0
// Traps: what happened, where, and how execution got there.
#include "execute/call_support.h"
#include "execute/unwind.h"
#include "instance/memory_data.h"
#include "instance/translation.h"

#include <csignal>
#include <cstring>

namespace wasm {

namespace {

constexpr size_t kMaxFrames = 64;

bool on_stack(const ExecContext& ctx, const uint8_t* fp) { return fp >= ctx.stack_base && fp < ctx.stack_end; }

FrameInfo describe(const Activation& a) {
    FrameInfo frame;
    const Module& module = *a.instance->module;
    frame.func_index = a.func->index;
    frame.func_name = module.func_name(a.func->index);
    frame.module_name = module.name();
    if (a.func->code != nullptr) {
        frame.module_offset = module_offset(*a.func, static_cast<uint32_t>(a.pc - a.func->code->bytes.get()));
    }
    return frame;
}

}  // namespace

std::vector<FrameInfo> backtrace(const ExecContext& ctx, const uint8_t* pc, uint8_t* fp) {
    std::vector<FrameInfo> frames;
    InstanceData* instance = ctx.instance;
    for (const Entry* e = ctx.entry; e != nullptr && frames.size() < kMaxFrames; e = e->outer) {
        std::optional<Activation> a;
        if (pc != nullptr && on_stack(ctx, fp)) a = activation_at(instance, pc, fp);
        for (; a && frames.size() < kMaxFrames; a = caller_of(*a)) frames.push_back(describe(*a));
        pc = e->pc == nullptr ? nullptr : e->pc - 1;
        fp = e->fp;
        instance = e->instance;
    }
    return frames;
}

void record_trap(ExecContext& ctx, TrapKind kind, const uint8_t* pc, uint8_t* fp, std::string detail) {
    ctx.trap = Trap{};
    ctx.trap.kind = kind;
    ctx.trap.detail = std::move(detail);
    ctx.trap.backtrace = backtrace(ctx, pc, fp);
    ctx.outcome = Outcome::Trapped;
    ctx.fault = {0, ~uint64_t{0}, pc, fp};
}

void finish_fault(ExecContext& ctx) {
    const ExecContext::Fault fault = ctx.fault;
    ctx.fault_pc = nullptr;
    const bool inside = fault.address < memory0_size(ctx);
    const bool bus = fault.signal == SIGBUS;
    // A fault in a host function that touched guest memory is blamed on the call.
    const bool in_code = on_stack(ctx, fault.fp) && activation_at(ctx.instance, fault.pc, fault.fp).has_value();
    const uint8_t* pc = in_code ? fault.pc : ctx.pc == nullptr ? nullptr : ctx.pc - 1;
    // The detail begins with the signal if it is not what the kind suggests.
    record_trap(ctx, bus || inside ? TrapKind::MemoryFault : TrapKind::OutOfBoundsMemory, pc,
                in_code ? fault.fp : ctx.fp,
                bus      ? "SIGBUS: beyond the end of a mapped file"
                : inside ? "page is protected"
                         : "");
    ctx.trap.fault_address = fault.address;
}

}  // namespace wasm
