// SPDX-License-Identifier: Apache-2.0
// Names → imports, and instantiation (spec §4.5.4).
#pragma once

#include <wasm/store.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wasm {

class Linker {
  public:
    explicit Linker(Store& store);
    ~Linker();
    Linker(const Linker&) = delete;
    Linker& operator=(const Linker&) = delete;

    // Later definitions of the same name replace earlier ones.
    void define(std::string_view module, std::string_view name, Extern item);
    void define_func(std::string_view module, std::string_view name, const HostFunc& func);
    // All exports of an instance, under a module name.
    void define_instance(std::string_view module, Instance instance);

    // Asked for each import, in order, that has no definition. Sees the type the module declares and may answer
    // with anything that matches it (tolerant linking: a HostFunc of exactly the declared type). Resolvers are
    // asked in the order they were added; nullopt passes on to the next.
    using Resolver = std::function<std::optional<Extern>(const ImportType& import)>;
    void add_resolver(Resolver resolver);

    // What `import` would be given: a definition, or a resolver's answer, that matches its type. nullopt: instantiate
    // would refuse it. Runs nothing.
    std::optional<Extern> resolve(const ImportType& import) const;

    // Allocates, links, and runs segment initialisation: no code of the module has run then, so that a host can look
    // at the instance, and prepare itself, first. Unlinkable lists every missing or mismatched import in one message.
    // When a segment stops, the instance exists (spec: earlier writes stay) and `stop` says why.
    struct Instantiated {
        Instance instance;
        Stop stop;
    };
    Result<Instantiated> prepare(std::shared_ptr<const Module> module);
    // The start function of a prepared module, if it has one, on the store's main thread. To be called once.
    Stop start(Instance instance);
    // Both.
    Result<Instantiated> instantiate(std::shared_ptr<const Module> module);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wasm
