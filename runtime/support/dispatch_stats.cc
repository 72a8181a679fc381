// SPDX-License-Identifier: Apache-2.0
#include "support/dispatch_stats.h"

#include <wasm/dispatch_stats.h>
#include <wasm/fork.h>

#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

extern "C" const char __executable_start[];

namespace wasm {

namespace {

// Pairs of one thread: an open hash table, far larger than any program's number of pairs.
struct Table {
    struct Entry {
        uint64_t first = 0, second = 0, count = 0;
    };
    static constexpr size_t kEntries = 1 << 17;
    uint64_t previous = 0;
    std::vector<Entry> entries{kEntries};

    void add(uint64_t handler) {
        size_t at = (previous * 0x9E3779B97F4A7C15 ^ handler * 0xC2B2AE3D27D4EB4F) >> 40;
        for (;; ++at) {
            Entry& entry = entries[at % kEntries];
            if (entry.count == 0) entry = {previous, handler, 0};
            if (entry.first != previous || entry.second != handler) continue;
            ++entry.count;
            previous = handler;
            return;
        }
    }
};

struct Translated {
    uint32_t function;
    uint64_t wasm_bytes, code_bytes;
};

ForkLock g_lock{LockRank::Statistics};
std::vector<std::unique_ptr<Table>> g_tables;  // those of ended threads too
std::vector<Translated> g_translated;
thread_local Table* t_table = nullptr;

Table& make_table() {
    const std::lock_guard lock(g_lock);
    t_table = g_tables.emplace_back(std::make_unique<Table>()).get();
    return *t_table;
}

}  // namespace

void count_dispatch(uint64_t handler) { (t_table != nullptr ? *t_table : make_table()).add(handler); }

void count_translation(uint32_t function, uint64_t wasm_bytes, uint64_t code_bytes) {
    const std::lock_guard lock(g_lock);
    g_translated.push_back({function, wasm_bytes, code_bytes});
}

std::optional<std::string> dispatch_stats() {
    if constexpr (!kDispatchStats) return std::nullopt;
    const std::lock_guard lock(g_lock);
    std::map<std::pair<uint64_t, uint64_t>, uint64_t> pairs;
    for (const auto& table : g_tables) {
        for (const Table::Entry& e : table->entries) {
            if (e.count != 0) pairs[{e.first, e.second}] += e.count;
        }
    }
    const auto offset = [](uint64_t handler) {
        return handler == 0 ? 0 : handler - reinterpret_cast<uintptr_t>(__executable_start);
    };
    std::string text;
    for (const auto& [pair, count] : pairs) {
        text += fmt::format("pair\t{}\t{}\t{}\n", offset(pair.first), offset(pair.second), count);
    }
    for (const Translated& t : g_translated) {
        text += fmt::format("function\t{}\t{}\t{}\n", t.function, t.wasm_bytes, t.code_bytes);
    }
    return text;
}

}  // namespace wasm
