// SPDX-License-Identifier: Apache-2.0
#include "instance/type_registry.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <shared_mutex>

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

struct Registry {
    std::shared_mutex mutex;
    std::deque<FuncType> types;
    std::map<const FuncType*, uint32_t, ByContent> ids;
};
// Never destroyed: ids are process-wide.
Registry& registry() {
    static auto* r = new Registry;
    return *r;
}

}  // namespace

TypeId intern(const FuncType& type) {
    Registry& r = registry();
    const std::unique_lock lock(r.mutex);
    const auto it = r.ids.find(&type);
    if (it != r.ids.end()) return TypeId{it->second};
    r.types.push_back(type);
    const auto id = static_cast<uint32_t>(r.types.size() - 1);
    r.ids.emplace(&r.types.back(), id);
    return TypeId{id};
}

const FuncType& type_of(TypeId id) {
    Registry& r = registry();
    const std::shared_lock lock(r.mutex);
    return r.types[static_cast<uint32_t>(id)];
}

uint32_t slots_of(const std::vector<ValType>& types) {
    uint32_t n = 0;
    for (const ValType t : types) n += t.slots();
    return n;
}

}  // namespace wasm
