// SPDX-License-Identifier: Apache-2.0
// The frame of a module (spec §5.5.17): header, sections in order, agreement between sections.
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
    Reader r(content.data(), offset, content.data(), content.data() + content.size(), file.end());
    kind->read(r, m);
    if (r.failed()) return in_section(r.error(), kind->name);
    if (!r.at_end()) {
        return in_section(
            malformed(fmt::format("section size mismatch: {} bytes left over", r.remaining()), r.offset()), kind->name);
    }
    return {};
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
    while (!file.at_end()) WASM_TRY(read_section(file, *m, order));
    WASM_TRY(check_agreement(*m));
    return Result<std::unique_ptr<ModuleData>>(std::move(m));
}

}  // namespace wasm
