// SPDX-License-Identifier: Apache-2.0
// wasm::Module: loading, and what a module says about itself.
#include "decode/limits.h"
#include "decode/module_data.h"
#include "decode/name_section.h"
#include "support/mapped_file.h"
#include "validate/func_validator.h"

#include <wasm/module.h>

namespace wasm {
namespace {

ExternType extern_type(const ModuleData& m, ExternKind kind, uint32_t index) {
    ExternType type;
    type.kind = kind;
    switch (kind) {
        case ExternKind::Func: type.func = m.func_type(index); break;
        case ExternKind::Table: type.table = m.tables[index].type; break;
        case ExternKind::Memory: type.memory = m.memories[index].type; break;
        case ExternKind::Global: type.global = m.globals[index].type; break;
        case ExternKind::Tag: type.tag.type = m.types[m.tags[index].type_index]; break;
    }
    return type;
}

}  // namespace

Result<std::shared_ptr<const Module>> Module::load(std::span<const uint8_t> bytes,
                                                   ModuleOptions options,
                                                   std::shared_ptr<const void> owner) {
    const bool validate_bodies = options.validate_bodies;
    auto data = WASM_TRY(decode_module(bytes, std::move(options), std::move(owner)));
    WASM_TRY(validate_module(*data));
    if (validate_bodies) WASM_TRY(validate_all_bodies(*data));
    return std::shared_ptr<const Module>(new Module(std::move(data)));
}

Result<std::shared_ptr<const Module>> Module::load_file(const std::string& path, ModuleOptions options) {
    auto file = WASM_TRY(MappedFile::open(path, kMaxModuleSize));
    if (options.name.empty()) options.name = path;
    const std::span<const uint8_t> bytes = file->bytes();
    return load(bytes, std::move(options), std::move(file));
}

Module::Module(std::unique_ptr<ModuleData> data) : data_(std::move(data)) {}
Module::~Module() = default;

std::vector<ImportType> Module::imports() const {
    std::vector<ImportType> result;
    result.reserve(data_->imports.size());
    for (const Import& import : data_->imports) {
        result.push_back({import.module, import.name, extern_type(*data_, import.kind, import.index)});
    }
    return result;
}

std::vector<ExportType> Module::exports() const {
    std::vector<ExportType> result;
    result.reserve(data_->exports.size());
    for (const Export& entry : data_->exports) {
        result.push_back({entry.name, extern_type(*data_, entry.kind, entry.index), entry.index});
    }
    return result;
}

std::string_view Module::name() const { return data_->options.name; }

std::string Module::func_name(uint32_t func_index) const { return function_name(*data_, func_index); }

std::span<const uint8_t> Module::bytes() const { return data_->bytes; }

std::optional<std::span<const uint8_t>> Module::custom_section(std::string_view name) const {
    for (const CustomSection& section : data_->customs) {
        if (section.name == name) return section.content;
    }
    return std::nullopt;
}

}  // namespace wasm
