// SPDX-License-Identifier: Apache-2.0
#include "execute/exceptions.h"

#include "execute/suspended.h"

#include <algorithm>
#include <cstring>

namespace wasm {

namespace {

constexpr size_t kMinimumLimit = 1024;

// Conservative: a slot that happens to look like the address keeps the object.
class Marker {
  public:
    explicit Marker(std::vector<ExceptionData*>& all) : all_(all) { std::sort(all_.begin(), all_.end()); }
    void word(uint64_t bits) {
        visit(bits);
        while (!work_.empty()) {
            const ExceptionData* next = work_.back();
            work_.pop_back();
            for (const uint64_t v : next->values) visit(v);
        }
    }
    void words(const void* begin, const void* end) {
        for (auto* p = static_cast<const uint8_t*>(begin); p + 8 <= static_cast<const uint8_t*>(end); p += 8) {
            uint64_t bits = 0;
            std::memcpy(&bits, p, sizeof bits);
            word(bits);
        }
    }

  private:
    void visit(uint64_t bits) {
        auto* e = reinterpret_cast<ExceptionData*>(bits);
        if (!std::binary_search(all_.begin(), all_.end(), e) || e->marked) return;
        e->marked = true;
        work_.push_back(e);
    }
    std::vector<ExceptionData*>& all_;
    std::vector<ExceptionData*> work_;
};

void collect(ExecContext& ctx) {
    Marker marker(ctx.exceptions);
    marker.words(ctx.stack_base, ctx.top);
    marker.word(reinterpret_cast<uint64_t>(ctx.exception));
    const std::lock_guard lock(ctx.store->data()->mutex);
    for (const auto& instance : ctx.store->data()->instances) {
        marker.words(instance->globals_block.get(), instance->globals_block.get() + instance->globals_block_size);
    }
    if (ctx.home_globals != nullptr) {
        marker.words(ctx.home_globals, ctx.home_globals + ctx.home_instance->globals_block_size);
    }
    for (GlobalData& g : ctx.store->data()->globals) marker.words(g.own, g.own + 2);
    for (TableData& t : ctx.store->data()->tables) {
        if (t.type.element == kExnRef) marker.words(t.elements.load(), t.elements.load() + t.size.load());
    }
    std::vector<ExceptionData*> alive;
    for (ExceptionData* e : ctx.exceptions) {
        if (!e->marked) {
            delete e;
            continue;
        }
        e->marked = false;
        alive.push_back(e);
    }
    ctx.exceptions = std::move(alive);
    ctx.exceptions_limit = std::max(kMinimumLimit, ctx.exceptions.size() * 2);
}

}  // namespace

ExceptionData* new_exception(ExecContext& ctx) {
    if (ctx.exceptions.size() >= ctx.exceptions_limit && !has_suspended_instructions()) collect(ctx);
    ctx.exceptions.push_back(new ExceptionData);
    return ctx.exceptions.back();
}

}  // namespace wasm
