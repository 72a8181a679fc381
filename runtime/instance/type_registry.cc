// SPDX-License-Identifier: Apache-2.0
#include "instance/type_registry.h"

#include <wasm/fork.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <map>

namespace wasm {

namespace {

struct ByContent {
    bool operator()(const FuncType* a, const FuncType* b) const {
        const auto key = [](const FuncType& t) { return t.params.size(); };
        if (key(*a) != key(*b)) return key(*a) < key(*b);
        const auto less = [](ValType x, ValType y) { return x.raw() < y.raw(); };
        if (a->params != b->params) {
            return std::lexicographical_compare(a->params.begin(), a->params.end(), b->params.begin(), b->params.end(),
                                                less);
        }
        return std::lexicographical_compare(a->results.begin(), a->results.end(), b->results.begin(), b->results.end(),
                                            less);
    }
};

// Reading takes no lock: blocks of types stay where they are, each twice as long as the one before. Made before main
// and never destroyed: ids are process-wide.
struct Registry {
    static constexpr uint32_t kFirstBlock = 64;
    ForkLock lock{LockRank::Types};
    uint32_t count = 0;
    std::array<std::atomic<FuncType*>, 26> blocks{};
    std::map<const FuncType*, uint32_t, ByContent> ids;

    // Block b begins with number (2^b - 1) * kFirstBlock.
    static uint32_t block_of(uint32_t id) { return static_cast<uint32_t>(std::bit_width(id / kFirstBlock + 1)) - 1; }
    FuncType& at(uint32_t id) {
        const uint32_t block = block_of(id);
        return blocks[block].load(std::memory_order_acquire)[id - ((1U << block) - 1) * kFirstBlock];
    }
    FuncType& add() {
        std::atomic<FuncType*>& block = blocks[block_of(count)];
        if (block.load(std::memory_order_relaxed) == nullptr) {
            block.store(new FuncType[size_t{kFirstBlock} << block_of(count)], std::memory_order_release);
        }
        return at(count++);
    }
};
Registry* const g_registry = new Registry;

}  // namespace

TypeId intern(const FuncType& type) {
    Registry& r = *g_registry;
    const std::lock_guard lock(r.lock);
    const auto it = r.ids.find(&type);
    if (it != r.ids.end()) return TypeId{it->second};
    const uint32_t id = r.count;
    FuncType& kept = r.add();
    kept = type;
    r.ids.emplace(&kept, id);
    return TypeId{id};
}

const FuncType& type_of(TypeId id) { return g_registry->at(static_cast<uint32_t>(id)); }

uint32_t slots_of(const std::vector<ValType>& types) {
    uint32_t n = 0;
    for (const ValType t : types) n += t.slots();
    return n;
}

}  // namespace wasm
