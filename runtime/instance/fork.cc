// SPDX-License-Identifier: Apache-2.0
// The notes are in memory shared by all processes that come from one another by fork. They are hints: some may be lost.
#include "instance/fork.h"

#include "instance/translation.h"

#include <wasm/sealed_memory.h>

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>

namespace wasm {

namespace {

// Written by any child, read by every process for itself. The oldest are overwritten. Whoever finds a way to this
// memory may have written anything: what is read is only ever the number of a function to translate.
struct Notes {
    std::atomic<uint32_t> count;  // ever written
    std::array<std::atomic<uint64_t>, 4095> functions;
};

std::atomic<Notes*> g_notes{nullptr};
std::atomic<uint32_t> g_read{0};  // as many has this process seen
std::atomic<pid_t> g_parent{0};   // whoever forked first

Notes* notes() {
    Notes* made = g_notes.load(std::memory_order_acquire);
    if (made != nullptr) return made;
    const int fd = make_sealed("notes", sizeof(Notes));
    if (fd < 0) return nullptr;
    std::byte* const memory = map_sealed(fd, sizeof(Notes));
    close(fd);
    if (memory == nullptr) return nullptr;
    auto* const fresh = reinterpret_cast<Notes*>(memory);  // zeros are none
    if (g_notes.compare_exchange_strong(made, fresh)) return fresh;
    munmap(memory, sizeof(Notes));
    return made;
}

// By the number of its instance, then its own among those that the instance defines.
uint64_t note_of(const FuncData& f) {
    return uint64_t{f.instance->number} << 32 | static_cast<uint64_t>(&f - f.instance->own_funcs.get());
}
// A child may have made instances that this process has not.
FuncData* function_of(StoreData& store, uint64_t note) {
    const std::lock_guard lock(store.lock);
    const uint64_t instance = note >> 32, function = note & UINT32_MAX;
    if (instance >= store.instances.size()) return nullptr;
    InstanceData& i = *store.instances[instance];
    return function < i.own_func_count ? &i.own_funcs[function] : nullptr;
}

}  // namespace

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
        FuncData* const f = function_of(store, n->functions[at % n->functions.size()].load(std::memory_order_relaxed));
        if (f != nullptr) (void)translate_function(*f);  // should it fail, whoever calls it is told
    }
}

void tell_translated(FuncData& f) {
    Notes* const n = g_notes.load(std::memory_order_acquire);
    if (n == nullptr || g_parent.load(std::memory_order_relaxed) == getpid()) return;
    const uint32_t at = n->count.load(std::memory_order_relaxed);
    n->functions[at % n->functions.size()].store(note_of(f), std::memory_order_relaxed);
    n->count.store(at + 1, std::memory_order_release);
}

}  // namespace wasm
