// SPDX-License-Identifier: Apache-2.0
// The notes are in memory shared by all processes that come from one another by fork. They are hints: some may be lost.
#include "instance/fork.h"

#include "instance/translation.h"

#include <wasm/fork.h>

#include <sys/mman.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>

namespace wasm {

namespace {

// Written by any child, read by every process for itself. The oldest are overwritten.
struct Notes {
    std::atomic<uint32_t> count{0};  // ever written
    std::array<std::atomic<FuncData*>, 4095> functions{};
};

std::atomic<Notes*> g_notes{nullptr};
std::atomic<uint32_t> g_read{0};  // as many has this process seen
std::atomic<pid_t> g_parent{0};   // whoever forked first

Notes* notes() {
    Notes* made = g_notes.load(std::memory_order_acquire);
    if (made != nullptr) return made;
    void* p = mmap(nullptr, sizeof(Notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    auto* fresh = new (p) Notes;
    if (g_notes.compare_exchange_strong(made, fresh)) return fresh;
    munmap(p, sizeof(Notes));
    return made;
}

// A child may have made instances that this process has not.
bool knows(StoreData& store, const FuncData* f) {
    const std::lock_guard lock(store.mutex);
    return std::ranges::any_of(store.instances, [f](const auto& i) {
        const uint64_t own = i->data().bodies.size();
        return f >= i->own_funcs.get() && f < i->own_funcs.get() + own;
    });
}

}  // namespace

bool is_only_thread() {
    if (__libc_single_threaded != 0) return true;
    // libc does not come back to that. The folder of threads has as many links, and those of every folder.
    struct stat threads{};
    return stat("/proc/self/task", &threads) == 0 && threads.st_nlink == 2 + 1;
}

void translate_for_children(StoreData& store) {
    Notes* const n = notes();
    if (n == nullptr) return;
    if (g_parent.load(std::memory_order_relaxed) == 0) g_parent.store(getpid(), std::memory_order_relaxed);
    const uint32_t end = n->count.load(std::memory_order_acquire);
    uint32_t at = g_read.load(std::memory_order_relaxed);
    if (at == end) return;
    g_read.store(end, std::memory_order_relaxed);
    if (end - at > n->functions.size()) at = end - static_cast<uint32_t>(n->functions.size());
    for (; at != end; ++at) {
        FuncData* const f = n->functions[at % n->functions.size()].load(std::memory_order_relaxed);
        if (knows(store, f)) (void)translate_function(*f);  // should it fail, whoever calls it is told
    }
}

void tell_translated(FuncData& f) {
    Notes* const n = g_notes.load(std::memory_order_acquire);
    if (n == nullptr || g_parent.load(std::memory_order_relaxed) == getpid()) return;
    const uint32_t at = n->count.load(std::memory_order_relaxed);
    n->functions[at % n->functions.size()].store(&f, std::memory_order_relaxed);
    n->count.store(at + 1, std::memory_order_release);
}

}  // namespace wasm
