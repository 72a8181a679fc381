// SPDX-License-Identifier: Apache-2.0
// What translation needs to know of the instance it translates for. Implemented in instance/; words are opaque here
// and stand in the code for the handlers to use.
#pragma once

#include "decode/module_data.h"

#include <cstdint>

namespace wasm {

struct TagData;

struct FuncLink {
    enum class Kind : uint8_t {
        Same,  // a function of this very instance
        Host,
        Other,  // a function of another instance
    } kind = Kind::Same;
    uint64_t word = 0;  // FuncData*
    bool returns_twice = false;
};
struct GlobalLink {
    uint32_t slot = 0;
    bool indirect = false;
};

class TranslateEnv {
  public:
    explicit TranslateEnv(const ModuleData& module) : module_(module) {}
    virtual ~TranslateEnv() = default;
    const ModuleData& module() const { return module_; }
    virtual FuncLink func(uint32_t index) const = 0;
    virtual GlobalLink global(uint32_t index) const = 0;
    virtual uint64_t table_word(uint32_t index) const = 0;
    virtual TagData* tag(uint32_t index) const = 0;
    virtual uint32_t canonical_type(uint32_t type_index) const = 0;
    virtual bool bounds_checks() const = 0;  // of memory 0

  private:
    const ModuleData& module_;
};

}  // namespace wasm
