// SPDX-License-Identifier: Apache-2.0
// The frame of a module (spec §5.5.17): header, sections in order, agreement between sections.
#include "decode/code_iterator.h"
#include "decode/name_section.h"
#include "decode/sections.h"

#include <bit>

namespace wasm {
namespace {

Result<void> read_header(Reader& r) {
    constexpr uint32_t kMagic = 0x6D736100;  // "\0asm"
    constexpr uint32_t kVersion = 1;
    const uint8_t* at = r.pos();
    const uint32_t magic = r.fixed<uint32_t>();
    if (r.failed()) return malformed("unexpected end: shorter than the header of a module", r.offset_of(at));
    if (magic != kMagic) return malformed("magic header not detected: not a WebAssembly module", 0);
    const uint8_t* version_at = r.pos();
    const uint32_t version = r.fixed<uint32_t>();
    if (r.failed()) return malformed("unexpected end: shorter than the header of a module", r.offset_of(version_at));
    if (version == 0x1000D) {
        return malformed("unknown binary version: this is a component, not a core module", r.offset_of(version_at));
    }
    if (version != kVersion) {
        return malformed(fmt::format("unknown binary version {}", version), r.offset_of(version_at));
    }
    return {};
}

Error in_section(Error error, std::string_view section) {
    error.section = section;
    return error;
}

// As in the reference interpreter, entries may run over the end of the section as long as the file goes on: what
// is wrong there is then said about the entry, and a mere difference of sizes about the section.
Result<void> read_content(
    Bytes content, uint64_t offset, const uint8_t* file_end, const SectionKind& kind, ModuleData& m) {
    const uint8_t* end = content.data() + content.size();
    const bool is_custom = kind.order == 0;
    Reader r(content.data(), offset, content.data(), is_custom ? end : file_end, file_end);
    kind.read(r, m);
    const uint64_t end_offset = r.offset_of(end);
    if (r.failed()) {
        Error error = r.error();
        if (*error.offset > end_offset) error.message += ", in an entry that runs over the end of the section";
        return in_section(std::move(error), kind.name);
    }
    if (r.pos() == end) return {};
    const std::string what = r.pos() < end ? fmt::format("{} bytes left over", end - r.pos())
                                           : fmt::format("{} bytes missing", r.pos() - end);
    return in_section(malformed("section size mismatch: " + what, end_offset), kind.name);
}

// Reads one section; `order` is the position reached so far.
Result<void> read_section(Reader& file, ModuleData& m, uint8_t& order) {
    const uint8_t* at = file.pos();
    const uint8_t id = file.u8();
    const SectionKind* kind = find_section(id);
    if (kind == nullptr) return malformed(fmt::format("malformed section id {}", id), file.offset_of(at));
    const uint32_t size = file.count();
    if (file.failed()) return in_section(file.error(), kind->name);
    if (kind->order != 0) {
        if (kind->order <= order) {
            return in_section(malformed(fmt::format("unexpected content after last section: {} section is repeated or "
                                                    "out of order",
                                                    kind->name),
                                        file.offset_of(at)),
                              kind->name);
        }
        order = kind->order;
    }
    const uint64_t offset = file.offset();
    const Bytes content = file.bytes(size);
    if (file.failed()) return in_section(file.error(), kind->name);
    return read_content(content, offset, file.end(), *kind, m);
}

Result<void> check_agreement(const ModuleData& m) {
    const size_t declared = m.functions.size() - m.imported_functions;
    if (declared != m.bodies.size()) {
        return malformed(
            fmt::format("function and code section have inconsistent lengths: {} and {}", declared, m.bodies.size()),
            m.bytes.size());
    }
    if (m.data_count && *m.data_count != m.datas.size()) {
        return malformed(fmt::format("data count and data section have inconsistent lengths: {} and {}", *m.data_count,
                                     m.datas.size()),
                         m.bytes.size());
    }
    return {};
}

// Bodies are only delimited on the way. When the file goes wrong behind them, a fault inside one of them is the
// earlier one, and usually the cause.
Error earliest(Error error, const ModuleData& m) {
    std::vector<LocalGroup> locals;
    Instr instr;
    for (size_t i = 0; i < m.bodies.size(); ++i) {
        const FuncBody& body = m.bodies[i];
        if (!error.offset || body.offset > *error.offset) break;
        const uint32_t func_index = m.imported_functions + static_cast<uint32_t>(i);
        locals.clear();
        Result<CodeIterator> it = CodeIterator::for_body(m, body, locals);
        if (!it) return in_function(std::move(it).error(), m, func_index);
        while (!it->at_end()) {
            Result<void> read = it->next(instr);
            if (!read) return in_function(std::move(read).error(), m, func_index);
        }
    }
    return error;
}

}  // namespace

Result<std::unique_ptr<ModuleData>> decode_module(Bytes bytes,
                                                  ModuleOptions options,
                                                  std::shared_ptr<const void> owner) {
    static_assert(std::endian::native == std::endian::little);
    auto m = std::make_unique<ModuleData>();
    m->bytes = bytes;
    m->owner = std::move(owner);
    m->options = std::move(options);
    m->lazy_names = make_lazy_names();
    if (bytes.size() > kMaxModuleSize) return over_limit("module too large", bytes.size(), kMaxModuleSize, 0);
    const uint8_t* end = bytes.data() + bytes.size();
    Reader file(bytes.data(), 0, bytes.data(), end, end);
    WASM_TRY(read_header(file));
    uint8_t order = 0;
    while (!file.at_end()) {
        Result<void> section = read_section(file, *m, order);
        if (!section) return earliest(std::move(section).error(), *m);
    }
    WASM_TRY(check_agreement(*m));
    return Result<std::unique_ptr<ModuleData>>(std::move(m));
}

}  // namespace wasm
