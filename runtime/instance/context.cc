// SPDX-License-Identifier: Apache-2.0
// Per-thread execution state: value stacks, the current context, and the jump out of a faulting instruction.
#include "instance/context.h"

#include "instance/memory_data.h"
#include "support/fault_guard.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wasm {

namespace {

thread_local ExecContext* t_current = nullptr;

// Beyond stack_end: a call writes its link, and a boundary frame, before the callee's size is checked.
constexpr uint64_t kRedZone = 64 << 10;
constexpr uint64_t kGuard = 4096;
constexpr uint64_t kMostBytes = uint64_t{1} << 46;  // half of what a process can address; sums of sizes stay exact

void on_guest_fault(
    int signal, const std::byte* memory_base, const void* address, uint64_t pc, uint64_t fp, const sigset_t& mask) {
    ExecContext* ctx = t_current;
    if (ctx == nullptr || ctx->entry == nullptr) return;
    ctx->fault.signal = signal;
    ctx->fault.address = static_cast<uint64_t>(static_cast<const std::byte*>(address) - memory_base);
    const bool noted = ctx->fault_pc != nullptr;
    ctx->fault.pc = noted ? ctx->fault_pc : reinterpret_cast<const uint8_t*>(pc);
    ctx->fault.fp = noted ? ctx->fault_fp : reinterpret_cast<uint8_t*>(fp);
    // siglongjmp with a saved mask of 0 leaves the mask alone; the kernel's mask of the interrupted code is put back
    // by the raw call, because library wrappers refuse two real-time signals.
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, 8);
    siglongjmp(ctx->entry->on_fault, 1);
}

}  // namespace

ExecContext* current_context() { return t_current; }
void set_current_context(ExecContext* context) { t_current = context; }

uint64_t memory0_size(const ExecContext& ctx) {
    if (ctx.instance == nullptr || ctx.instance->memories.empty()) return 0;
    return ctx.instance->memories[0]->size.load(std::memory_order_acquire);
}

Slot* ExecContext::globals_of(InstanceData* which) const {
    return which == home_instance && home_globals != nullptr ? home_globals : which->globals_block.get();
}

bool allocate_stack(ThreadData& thread, uint64_t bytes) {
    install_fault_handler(&on_guest_fault);
    if (bytes > kMostBytes) return false;
    bytes = (bytes + 4095) & ~uint64_t{4095};
    const uint64_t total = bytes + kRedZone + kGuard;
    void* p = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return false;
    mprotect(static_cast<uint8_t*>(p) + total - kGuard, kGuard, PROT_NONE);
    thread.stack_mapping = p;
    thread.stack_mapping_bytes = total;
    ExecContext& ctx = thread.ctx;
    ctx.thread = &thread;
    ctx.stack_base = static_cast<uint8_t*>(p);
    ctx.stack_end = ctx.stack_base + bytes;
    ctx.stack_limit = ctx.stack_end;
    ctx.top = ctx.stack_base;
    return true;
}

ThreadData::~ThreadData() {
    for (ExceptionData* e : ctx.exceptions) delete e;
    if (stack_mapping != nullptr) munmap(stack_mapping, stack_mapping_bytes);
}

}  // namespace wasm
