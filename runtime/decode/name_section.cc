// SPDX-License-Identifier: Apache-2.0
#include "decode/name_section.h"

#include "decode/reader.h"
#include "decode/utf8.h"

#include <wasm/fork.h>

#include <algorithm>
#include <atomic>

namespace wasm {

struct ModuleData::LazyNames {
    ForkLock lock{LockRank::Names};
    std::atomic<bool> read{false};
    NameSection names;
};

namespace {

enum Subsection : uint8_t { kModuleName = 0, kFunctionNames = 1, kGlobalNames = 7 };

// Empty when it is not UTF-8. A name that does not fit faults the reader.
std::string_view read_text(Reader& r) {
    const Bytes bytes = r.bytes(r.u32());
    if (!is_utf8(bytes)) return {};
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Indices outside the index space are dropped: the map never grows beyond what the module defines.
void read_name_map(Reader& r, std::unordered_map<uint32_t, std::string_view>& map, size_t index_space) {
    const uint32_t n = r.count();
    for (uint32_t i = 0; i < n && !r.failed(); ++i) {
        const uint32_t index = r.u32();
        const std::string_view text = read_text(r);
        if (!r.failed() && index < index_space && !text.empty()) map.emplace(index, text);
    }
}

void read_name_section(const ModuleData& m, const CustomSection& section, NameSection& names) {
    const uint8_t* begin = section.content.data();
    const uint8_t* end = begin + section.content.size();
    Reader r(begin, section.offset, begin, end, end);
    while (!r.at_end() && !r.failed()) {
        const uint8_t id = r.u8();
        const Bytes content = r.bytes(r.u32());
        if (r.failed()) return;
        const uint8_t* content_end = content.data() + content.size();
        Reader sub(content.data(), 0, content.data(), content_end, content_end);
        if (id == kModuleName) names.module = std::string(read_text(sub));
        if (id == kFunctionNames) read_name_map(sub, names.functions, m.functions.size());
        if (id == kGlobalNames) read_name_map(sub, names.globals, m.globals.size());
    }
}

}  // namespace

std::shared_ptr<ModuleData::LazyNames> make_lazy_names() { return std::make_shared<ModuleData::LazyNames>(); }

const NameSection& ModuleData::names() const {
    LazyNames& lazy = *lazy_names;
    if (lazy.read.load(std::memory_order_acquire)) return lazy.names;
    const std::lock_guard lock(lazy.lock);
    if (lazy.read.load(std::memory_order_relaxed)) return lazy.names;
    const auto section = std::ranges::find(customs, "name", &CustomSection::name);
    if (section != customs.end()) read_name_section(*this, *section, lazy.names);
    lazy.read.store(true, std::memory_order_release);
    return lazy.names;
}

std::string function_name(const ModuleData& module, uint32_t func_index) {
    const auto& named = module.names().functions;
    if (const auto found = named.find(func_index); found != named.end()) return std::string(found->second);
    for (const Export& entry : module.exports) {
        if (entry.kind == ExternKind::Func && entry.index == func_index) return std::string(entry.name);
    }
    if (func_index >= module.imported_functions) return {};
    for (const Import& import : module.imports) {
        if (import.kind != ExternKind::Func || import.index != func_index) continue;
        return fmt::format("{}.{}", import.module, import.name);
    }
    return {};
}

Error in_function(Error error, const ModuleData& module, uint32_t func_index) {
    error.section = "code";
    error.func_index = func_index;
    error.func_name = function_name(module, func_index);
    return error;
}

}  // namespace wasm
