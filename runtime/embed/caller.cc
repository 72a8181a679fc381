// SPDX-License-Identifier: Apache-2.0
// What a host function may do.
#include "execute/call_support.h"
#include "instance/memory_data.h"

#include <wasm/host.h>
#include <wasm/store.h>

#include <atomic>
#include <cstring>

namespace wasm {

namespace {
// Unique in the process, so that no point of another thread or of an activation long gone can match.
std::atomic<uint64_t> g_next_serial{1};
}  // namespace

[[gnu::hot]] Memory Caller::memory() const {
    const InstanceData* i = context_->instance;
    return i == nullptr || i->memories.empty() ? Memory() : Memory(i->memories[0]);
}
Instance Caller::instance() const { return Instance(context_->instance); }
[[gnu::hot]] Thread& Caller::thread() const { return *context_->handle; }

HostOutcome Caller::trap(TrapKind kind, std::string detail) {
    record_trap(*context_, kind, context_->pc == nullptr ? nullptr : context_->pc - 1, context_->fp, std::move(detail));
    return HostOutcome::Stop;
}

HostOutcome Caller::exit(int status) {
    context_->outcome = Outcome::Exited;
    context_->exit_status = status;
    return HostOutcome::Stop;
}

bool Caller::capture(JumpPoint& point) {
    if (context_->pc == nullptr) return false;
    const auto a = activation_at(context_->instance, context_->pc - 1, context_->fp);
    if (!a || a->func->code == nullptr || a->func->code->serial_slot == 0) return false;
    const Code& code = *a->func->code;
    const auto resume = static_cast<uint32_t>(context_->pc - code.bytes.get());
    for (uint32_t i = 0; i < code.jump_sites.size(); ++i) {
        const JumpSite& site = code.jump_sites[i];
        if (site.resume != resume) continue;
        if (site.has_refs || site.operand_count > JumpPoint::kMaxOperands) return false;
        uint64_t serial = 0;
        uint8_t* cell = a->fp + uint64_t{code.serial_slot} * 8;
        std::memcpy(&serial, cell, sizeof serial);
        if (serial == 0) {
            serial = g_next_serial.fetch_add(1, std::memory_order_relaxed);
            std::memcpy(cell, &serial, sizeof serial);
        }
        point = JumpPoint{};
        point.activation = serial;
        point.site = i;
        point.operand_count = site.operand_count;
        std::memcpy(point.operands, a->fp + uint64_t{site.operand_slot} * 8, uint64_t{site.operand_count} * 8);
        return true;
    }
    return false;
}

HostOutcome Caller::resume_at(const JumpPoint& point, uint32_t value) {
    const auto a = find_activation(*context_, point.activation);
    if (!a || point.site >= a->func->code->jump_sites.size()) return trap(TrapKind::StaleJump);
    const JumpSite& site = a->func->code->jump_sites[point.site];
    if (site.has_refs || point.operand_count != site.operand_count) return trap(TrapKind::StaleJump);
    std::memcpy(a->fp + uint64_t{site.operand_slot} * 8, point.operands, uint64_t{site.operand_count} * 8);
    context_->jump_pc = a->func->code->bytes.get() + site.resume;
    context_->jump_fp = a->fp;
    context_->jump_instance = a->instance;
    context_->jump_value = value;
    context_->outcome = Outcome::Jump;
    return HostOutcome::Stop;
}

Stop Caller::call(const Func& func, const Slot* args, Slot* results) {
    return enter_from_host(*context_, func.data(), args, results);
}

HostOutcome Caller::forward(Stop stop) {
    switch (stop.kind) {
        case Stop::Kind::Finished: return HostOutcome::Continue;
        case Stop::Kind::Exited: return exit(stop.exit_status);
        case Stop::Kind::Unwinding: return HostOutcome::Stop;  // the context still knows where to
        case Stop::Kind::Trapped: break;
    }
    context_->trap = std::move(stop.trap);
    context_->outcome = Outcome::Trapped;
    context_->fault = {};  // not a new one: further in, the trap handler has been asked
    return HostOutcome::Stop;
}

}  // namespace wasm
