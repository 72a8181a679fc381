// SPDX-License-Identifier: Apache-2.0
// A loaded module together with the hosts it asks for: from here on there is a guest.
#pragma once

#include "options.h"
#include "shims/registry.h"
#include "wali/wali.h"

#include <wasm/linker.h>
#include <wasm/module.h>
#include <wasm/store.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace cli {

enum class ProgramKind : uint8_t {
    Wali,   // imports from "wali": a Linux program, with the user's rights and environment
    Wasi,   // imports from a WASI module: sees only what it is given
    Plain,  // neither
};
ProgramKind kind_of(const wasm::Module& module);

class Program {
  public:
    // `name` is the module as typed; `options` must outlive the program.
    Program(const Options& options, std::string name, std::shared_ptr<const wasm::Module> module);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    // Makes the guest's environment and defines all imports. `unknown` overrides what --unknown-imports says.
    wasm::Result<void> define_imports(UnknownImports unknown);
    // Imports that nothing provides with the type they want, one indented line each.
    std::vector<std::string> unlinkable_imports() const;
    // Links and runs to the end: _start, or the function of --invoke, whose results are printed.
    wasm::Result<wasm::Stop> run();

    ProgramKind kind() const { return kind_; }
    const wasm::Module& module() const { return *module_; }
    const wasm::Linker& linker() const { return linker_; }

  private:
    wasm::Result<wasm::Func> entry(wasm::Instance instance) const;
    wasm::Result<wasm::Stop> invoke(wasm::Instance instance, const std::string& name);
    wasm::Stop call_plain(const wasm::Func& func);
    wasm::Result<void> define_wali(std::vector<std::string> args,
                                   std::vector<std::string> environment,
                                   UnknownImports unknown);
    void trap_unknown_imports();

    const Options& options_;
    const std::string name_;
    const std::shared_ptr<const wasm::Module> module_;
    const ProgramKind kind_;
    wasm::Store store_;
    wasm::Linker linker_;
    std::unique_ptr<wali::Host> wali_;
    std::vector<std::unique_ptr<shims::State>> shims_;
    std::deque<std::string> unknown_names_;  // what a trapping import says; its address is in the import
};

}  // namespace cli
