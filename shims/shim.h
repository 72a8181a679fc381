// SPDX-License-Identifier: Apache-2.0
// A shim: a native library or host interface that wasm modules import functions from. It is an ordinary host
// module over include/wasm, made of one Shim value, its rows of functions and, per Store, its State.
#pragma once

#include <wasm/linker.h>
#include <wasm/store.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shims {

// What the program that embeds us gives to all shims. A shim must not reach for the host's own arguments or
// environment: what is not in here, the guest does not have.
struct Setup {
    std::vector<std::string> args;         // argv of the guest, [0] included
    std::vector<std::string> environment;  // "K=V"
    // May be null. The receiver decides what of it is shown.
    void (*log)(wasm::LogLevel level, std::string_view area, std::string_view message) = nullptr;
};

// What a shim keeps for one Store (descriptor tables, handles). Must outlive the instances that import it.
class State {
  public:
    State() = default;
    virtual ~State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

struct Shim {
    std::string_view name;     // as --list-shims shows it
    std::string_view summary;  // one line
    // Import modules that belong to this shim alone: importing from one of them asks for it.
    std::span<const std::string_view> modules;
    // Makes all functions resolvable in `linker`, which links into `store`; `setup` may go away afterwards.
    std::unique_ptr<State> (*define)(wasm::Linker& linker, wasm::Store& store, const Setup& setup);
};

}  // namespace shims
