// SPDX-License-Identifier: Apache-2.0
// A decoded and validated module (spec §2.5). Immutable: may be shared by threads and instances.
#pragma once

#include <wasm/result.h>
#include <wasm/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasm {

struct ModuleData;  // decoded form, in runtime/

// Proposals beyond the always-on core. All on by default; --disable-FEATURE switches one off.
#define WASM_FEATURES(FEATURE)               \
    FEATURE(Threads, "threads")              \
    FEATURE(TailCall, "tail-call")           \
    FEATURE(ExtendedConst, "extended-const") \
    FEATURE(Exceptions, "exceptions")        \
    FEATURE(LegacyExceptions, "legacy-exceptions")

enum class Feature : uint8_t {
#define FEATURE(id, text) id,
    WASM_FEATURES(FEATURE)
#undef FEATURE
};
class Features {
  public:
    static constexpr Features all() { return Features(~0ULL); }
    constexpr bool has(Feature f) const { return (bits_ >> static_cast<unsigned>(f) & 1) != 0; }
    constexpr void set(Feature f, bool on) {
        const uint64_t bit = uint64_t{1} << static_cast<unsigned>(f);
        bits_ = on ? bits_ | bit : bits_ & ~bit;
    }

  private:
    constexpr explicit Features(uint64_t bits) : bits_(bits) {}
    uint64_t bits_;
};

struct ModuleOptions {
    std::string name;  // for messages and backtraces, e.g. the file name
    Features features = Features::all();
    // Function bodies are validated at load when true; else when first called (an invalid body then ends the
    // run with TrapKind::InvalidBody). Everything outside bodies is always checked at load.
    bool validate_bodies = true;
};

// What an import asks for or an export offers.
struct ExternType {
    ExternKind kind = ExternKind::Func;
    FuncType func;
    TableType table;
    MemoryType memory;
    GlobalType global;
    TagType tag;
};
std::string to_string(const ExternType& type);

struct ImportType {
    std::string_view module;  // views into the module's bytes, valid as long as the Module
    std::string_view name;
    ExternType type;
};
struct ExportType {
    std::string_view name;
    ExternType type;
    uint32_t index = 0;  // in the index space of its kind
};

class Module {
  public:
    // Decodes and validates. Does not copy, and looks at the bytes again later: function bodies when they are first
    // called, segments when they are used. Nobody may change them while the Module lives: whoever gives a mapping of a
    // file that others can write to gives them the host. `bytes` must outlive the Module, unless `owner` is given,
    // which the module then keeps alive (what wasm::read_file yields, a vector).
    static Result<std::shared_ptr<const Module>> load(std::span<const uint8_t> bytes,
                                                      ModuleOptions options = {},
                                                      std::shared_ptr<const void> owner = nullptr);
    // Reads the file, and keeps what it has read: what happens to the file afterwards does not matter. Resource error
    // when it cannot be read.
    static Result<std::shared_ptr<const Module>> load_file(const std::string& path, ModuleOptions options = {});
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    std::vector<ImportType> imports() const;
    std::vector<ExportType> exports() const;
    std::string_view name() const;
    // Name of a function from the name section, an export or an import ("module.name"); empty if none.
    std::string func_name(uint32_t func_index) const;
    std::span<const uint8_t> bytes() const;
    // Content of the first custom section with this name.
    std::optional<std::span<const uint8_t>> custom_section(std::string_view name) const;
    const ModuleData& data() const { return *data_; }

  private:
    explicit Module(std::unique_ptr<ModuleData> data);
    std::unique_ptr<ModuleData> data_;
};

}  // namespace wasm
