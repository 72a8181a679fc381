// SPDX-License-Identifier: Apache-2.0
// wasm::Module: loading, and what a module says about itself.
#include "decode/limits.h"
#include "decode/module_data.h"
#include "decode/name_section.h"
#include "validate/func_validator.h"

#include <wasm/file_bytes.h>
#include <wasm/module.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

namespace {

Error unreadable(const std::string& path, std::string_view why) {
    Error error;
    error.kind = ErrorKind::Resource;
    error.message = fmt::format("cannot read {}: {}", path, why);
    return error;
}

// Closed on every way out.
struct OpenFile {
    int fd;
    ~OpenFile() {
        if (fd >= 0) ::close(fd);
    }
};

// A pipe, or a file of /proc, whose size is not known before. 0 or an errno.
int read_stream(int fd, FileBytes& file) {
    constexpr size_t kChunk = size_t{1} << 16;
    auto buffer = std::make_shared<std::vector<uint8_t>>();
    while (true) {
        const size_t used = buffer->size();
        if (used > kMaxModuleSize) return EFBIG;
        buffer->resize(used + kChunk);
        const ssize_t n = ::read(fd, buffer->data() + used, kChunk);
        buffer->resize(used + (n > 0 ? static_cast<size_t>(n) : 0));
        if (n < 0 && errno != EINTR) return errno;
        if (n == 0) break;
    }
    file.bytes = *buffer;
    file.owner = std::move(buffer);
    return 0;
}

int read_any(int fd, FileBytes& file) {
    struct stat info{};
    if (::fstat(fd, &info) != 0) return errno;
    if (S_ISDIR(info.st_mode)) return EISDIR;
    const auto size = static_cast<uint64_t>(info.st_size);
    if (S_ISREG(info.st_mode) && size > kMaxModuleSize) return EFBIG;
    return S_ISREG(info.st_mode) && size > 0 ? read_file(fd, size, file) : read_stream(fd, file);
}

}  // namespace

Result<std::shared_ptr<const Module>> Module::load_file(const std::string& path, ModuleOptions options) {
    const OpenFile open_file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (open_file.fd < 0) return unreadable(path, std::strerror(errno));
    FileBytes file;
    if (const int error = read_any(open_file.fd, file); error != 0) return unreadable(path, std::strerror(error));
    if (options.name.empty()) options.name = path;
    return load(file.bytes, std::move(options), std::move(file.owner));
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
