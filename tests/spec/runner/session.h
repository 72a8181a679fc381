// SPDX-License-Identifier: Apache-2.0
// Executes the commands of one script, in order, on one store.
#pragma once

#include "script.h"

#include <wasm/linker.h>
#include <wasm/module.h>
#include <wasm/store.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace spec {

// Empty: the command did what the script expects; else one line saying what it did.
using Complaint = std::string;

class Session {
  public:
    explicit Session(const wasm::StoreOptions& options);

    // Not for TextOnly.
    Complaint run(const Command& command);

  private:
    using ModulePtr = std::shared_ptr<const wasm::Module>;

    Complaint instantiate(std::string_view name, const ModulePtr& module);
    Complaint run_module(const Command& command);
    Complaint run_instance(const Command& command);
    Complaint run_register(const Command& command);
    Complaint assert_return(const Command& command);
    Complaint assert_trap(const Command& command, wasm::TrapKind* kind);
    Complaint assert_trap_module(const Command& command);
    Complaint assert_rejected(const Command& command, wasm::ErrorKind kind);
    Complaint assert_unlinkable(const Command& command);

    // Runs the action. A complaint means that it could not even start.
    struct Performed {
        Complaint complaint;
        wasm::Stop stop;
        std::vector<wasm::Value> results;
    };
    Performed perform(const Action& action);
    Performed get(wasm::Instance instance, const Action& action);
    Performed invoke(wasm::Instance instance, const Action& action);

    wasm::Store store_;
    wasm::Linker linker_;
    // By name; "" is the last one. A module that failed leaves no instance under its names.
    std::map<std::string, wasm::Instance, std::less<>> instances_;
    std::map<std::string, ModulePtr, std::less<>> definitions_;
};

}  // namespace spec
