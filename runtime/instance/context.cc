// SPDX-License-Identifier: Apache-2.0
// Per-thread execution state: value stacks, the current context, and the jump out of a faulting instruction.
#include "instance/context.h"

#include "instance/exceptions.h"
#include "instance/memory_data.h"
#include "support/fault_guard.h"
#include "support/poison.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

namespace wasm {

namespace {

thread_local ExecContext* t_current = nullptr;
std::atomic<FaultSettler> g_settler{nullptr};

// Beyond stack_end: a call writes its link, and a boundary frame, before the callee's size is checked.
constexpr uint64_t kRedZone = 64 << 10;
constexpr uint64_t kGuard = 4096;
constexpr uint64_t kMostBytes = uint64_t{1} << 46;  // half of what a process can address; sums of sizes stay exact

// Stacks of threads that have ended, for those that begin: making one costs more than starting a thread. Of one size,
// that of the last one put here.
class KeptStacks {
  public:
    void* take(uint64_t bytes) {
        const std::lock_guard guard(lock_);
        return bytes != bytes_ || count_ == 0 ? nullptr : stacks_[--count_];
    }
    // What does not fit is given back to the system.
    void put(void* stack, uint64_t bytes) {
        poison(stack, std::min(bytes, kWarm));
        // A deep recursion's memory is not kept, only what any thread needs.
        if (bytes > kWarm) madvise(static_cast<uint8_t*>(stack) + kWarm, bytes - kWarm, MADV_DONTNEED);
        std::unique_lock guard(lock_);
        if (count_ == 0) bytes_ = bytes;
        const bool keeps = bytes == bytes_ && count_ < stacks_.size();
        if (keeps) stacks_[count_++] = stack;
        guard.unlock();
        if (!keeps) munmap(stack, bytes);
    }
    void give_back() {
        const std::lock_guard guard(lock_);
        while (count_ != 0) munmap(stacks_[--count_], bytes_);
    }

  private:
    static constexpr uint64_t kWarm = 32 << 10;
    ForkLock lock_{LockRank::Stacks};
    std::array<void*, 8> stacks_{};
    size_t count_ = 0;
    uint64_t bytes_ = 0;
};
// Made before main, and never destroyed: threads may still end when main has.
KeptStacks* const g_kept_stacks = new KeptStacks;

bool on_guest_fault(const GuestFault& fault) {
    ExecContext* ctx = t_current;
    if (ctx == nullptr || ctx->entry == nullptr) return false;
    ctx->fault = {};
    ctx->fault.signal = fault.signal;
    ctx->fault.address = static_cast<uint64_t>(static_cast<const std::byte*>(fault.address) - fault.memory_base);
    const bool noted = ctx->fault_pc != nullptr;
    ctx->fault.pc = noted ? instruction_of(ctx->fault_pc) : reinterpret_cast<const uint8_t*>(fault.pc_register);
    ctx->fault.fp = noted ? ctx->fault_fp : reinterpret_cast<uint8_t*>(fault.fp_register);
    if (const FaultSettler settler = g_settler.load(); settler != nullptr) {
        switch (settler(*ctx, fault.machine_pc)) {
            case FaultEnd::Again: return true;
            case FaultEnd::Settled: siglongjmp(ctx->entry->on_fault, kFaultSettled);
            case FaultEnd::Open: break;
        }
    }
    siglongjmp(ctx->entry->on_fault, kFaultNoted);  // which leaves the mask alone
}

void* map_stack(uint64_t bytes) {
    void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    mprotect(static_cast<uint8_t*>(p) + bytes - kGuard, kGuard, PROT_NONE);
    return p;
}

}  // namespace

ExecContext* current_context() { return t_current; }
void set_fault_settler(FaultSettler settler) { g_settler.store(settler); }
void set_current_context(ExecContext* context) { t_current = context; }

uint64_t memory0_size(const ExecContext& ctx) {
    if (ctx.instance == nullptr || ctx.instance->memories.empty()) return 0;
    return ctx.instance->memories[0]->size.load(std::memory_order_acquire);
}

Slot* ExecContext::globals_of(InstanceData* which) const {
    return which == home_instance && home_globals != nullptr ? home_globals : which->globals_block.get();
}

void handle_guest_faults() { install_fault_handler(&on_guest_fault); }

bool allocate_stack(ThreadData& thread, uint64_t bytes, size_t globals) {
    constexpr uint64_t kPage = 4096, kLine = 64;
    if (bytes > kMostBytes) return false;
    const uint64_t own = (globals * sizeof(Slot) + kLine - 1) & ~(kLine - 1);
    bytes = (own + bytes + kPage - 1) & ~(kPage - 1);
    const uint64_t total = bytes + kRedZone + kGuard;
    void* p = g_kept_stacks->take(total);
    if (p == nullptr) p = map_stack(total);
    if (p == nullptr) return false;
    thread.stack_mapping = p;
    thread.stack_mapping_bytes = total;
    ExecContext& ctx = thread.ctx;
    ctx.thread = &thread;
    if (globals != 0) ctx.home_globals = static_cast<Slot*>(p);
    ctx.stack_base = static_cast<uint8_t*>(p) + own;
    ctx.stack_end = static_cast<uint8_t*>(p) + bytes;
    ctx.stack_limit = ctx.stack_end;
    ctx.top = ctx.stack_base;
    return true;
}

void give_back_kept_stacks() { g_kept_stacks->give_back(); }

ThreadData::~ThreadData() {
    release_all(*this);
    if (stack_mapping != nullptr) g_kept_stacks->put(stack_mapping, stack_mapping_bytes);
}

}  // namespace wasm
