// SPDX-License-Identifier: Apache-2.0
// What the kernel writes into user memory when a thread ends. It would write to host addresses of the guest's choice,
// so the guest's lists are never registered with it; they are walked here.
#include "robust_list.h"

#include "kernel.h"
#include "threads.h"

#include <linux/futex.h>

namespace wali {

namespace {

constexpr int kLongestList = 2048;  // as in the kernel: lists may be circular or hostile

// Tells the next owner of a mutex that this one died.
void give_up_mutex(wasm::Memory memory, uint32_t address, uint32_t tid) {
    const wasm::GuestPtr<uint32_t> word{wasm::GuestAddr{address}};
    const auto value = memory.load(word);
    if (address % 4 != 0 || !value || (*value & FUTEX_TID_MASK) != tid) return;
    if (!memory.store(word, (*value & FUTEX_WAITERS) | FUTEX_OWNER_DIED)) return;
    // Whoever starts to wait meanwhile sees another value than it expects. Not private: the mutex may be shared.
    kernel(SYS_futex, memory.base() + address, FUTEX_WAKE, 1);
}

void walk_robust_list(wasm::Memory memory, uint32_t head_address, uint32_t tid) {
    const auto head = memory.load(wasm::GuestPtr<GuestRobustList>{wasm::GuestAddr{head_address}});
    if (!head) return;
    const auto offset = static_cast<uint32_t>(head->offset);
    uint32_t entry = head->first & ~1U;  // bit 0: a priority-inheritance mutex
    for (int i = 0; i < kLongestList && entry != head_address; ++i) {
        const auto next = memory.load(wasm::GuestPtr<uint32_t>{wasm::GuestAddr{entry}});
        if (entry != (head->pending & ~1U)) give_up_mutex(memory, entry + offset, tid);
        if (!next) return;
        entry = *next & ~1U;
    }
    if ((head->pending & ~1U) != 0) give_up_mutex(memory, (head->pending & ~1U) + offset, tid);
}

}  // namespace

[[gnu::hot]] void release_mutexes(GuestThread& thread) {
    if (thread.robust_list == 0) return;
    const wasm::Memory memory = thread.process.instance.memory(0);
    if (!memory) return;
    walk_robust_list(memory, thread.robust_list, static_cast<uint32_t>(kernel(SYS_gettid)));
    thread.robust_list = 0;
}

void release_thread_memory(GuestThread& thread) {
    release_mutexes(thread);
    if (thread.clear_tid == 0) return;
    const wasm::Memory memory = thread.process.instance.memory(0);
    if (!memory) return;
    const wasm::GuestPtr<uint32_t> word{wasm::GuestAddr{thread.clear_tid}};
    thread.clear_tid = 0;
    if (memory.store(word, uint32_t{0})) kernel(SYS_futex, memory.base() + raw(word.at), FUTEX_WAKE, 1);
}

}  // namespace wali
