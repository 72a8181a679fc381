// SPDX-License-Identifier: Apache-2.0
#include "execute/call_support.h"
#include "instance/instantiate.h"

#include <wasm/linker.h>
#include <wasm/text.h>

#include <map>
#include <utility>

namespace wasm {

struct Linker::Impl {
    Store& store;
    std::map<std::pair<std::string, std::string>, Extern, std::less<>> items;
    std::vector<Resolver> resolvers;

    std::optional<Extern> find(const ImportType& import) {
        const auto it = items.find(std::pair(std::string(import.module), std::string(import.name)));
        if (it != items.end()) return it->second;
        for (const Resolver& resolve : resolvers) {
            if (auto found = resolve(import)) return found;
        }
        return std::nullopt;
    }
};

Linker::Linker(Store& store) : impl_(new Impl{store, {}, {}}) {}
Linker::~Linker() = default;

void Linker::define(std::string_view module, std::string_view name, Extern item) {
    impl_->items.insert_or_assign(std::pair(std::string(module), std::string(name)), item);
}
void Linker::define_func(std::string_view module, std::string_view name, const HostFunc& func) {
    define(module, name, impl_->store.make_func(func, std::string(module) + "." + std::string(name)));
}
void Linker::define_instance(std::string_view module, Instance instance) {
    for (const ExportType& e : instance.module().exports()) {
        if (const auto item = instance.get_export(e.name)) define(module, e.name, *item);
    }
}
void Linker::add_resolver(Resolver resolver) { impl_->resolvers.push_back(std::move(resolver)); }

namespace {

Stop trapped(TrapKind kind) {
    Stop stop;
    stop.kind = Stop::Kind::Trapped;
    stop.trap.kind = kind;
    return stop;
}

}  // namespace

std::optional<Extern> Linker::resolve(const ImportType& import) const {
    const auto found = impl_->find(import);
    return found && mismatch(import.type, *found).empty() ? found : std::nullopt;
}

Result<Linker::Instantiated> Linker::prepare(std::shared_ptr<const Module> module) {
    if (impl_->store.main_thread().data()->stack_mapping == nullptr) {
        return Error{ErrorKind::Resource,
                     "the system refuses a stack of " + std::to_string(impl_->store.options().stack_bytes) + " bytes",
                     {},
                     {},
                     {},
                     {}};
    }
    std::vector<Extern> imports;
    std::string unknown;
    std::string incompatible;
    const auto add = [](std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; };
    for (const ImportType& import : module->imports()) {
        const std::string name = printable_name(import.module) + "." + printable_name(import.name);
        const auto found = impl_->find(import);
        if (!found) {
            add(unknown, name + " " + to_string(import.type));
            continue;
        }
        const std::string why = mismatch(import.type, *found);
        if (!why.empty()) add(incompatible, name + ": " + why);
        imports.push_back(*found);
    }
    if (!unknown.empty() || !incompatible.empty()) {
        std::string text = unknown.empty() ? "" : "unknown import: " + unknown;
        if (!incompatible.empty()) text += (text.empty() ? "" : "; ") + ("incompatible import type: " + incompatible);
        return Error{ErrorKind::Unlinkable, text, {}, {}, {}, {}};
    }
    InstanceData* instance = WASM_TRY(make_instance(*impl_->store.data(), std::move(module), imports));
    Thread& thread = impl_->store.main_thread();
    // The first instance is the one whose globals Thread::global names.
    if (thread.data()->ctx.home_instance == nullptr) thread.data()->ctx.home_instance = instance;
    Instantiated result{Instance(instance), {}};
    if (const auto trap = initialise_segments(*instance)) result.stop = trapped(*trap);
    return result;
}

Stop Linker::start(Instance instance) {
    const InstanceData& i = *instance.data();
    if (!i.data().start) return {};
    Slot none[1];
    return impl_->store.main_thread().call(Func(i.funcs[*i.data().start]), none, none);
}

Result<Linker::Instantiated> Linker::instantiate(std::shared_ptr<const Module> module) {
    Instantiated made = WASM_TRY(prepare(std::move(module)));
    if (made.stop.finished()) made.stop = start(made.instance);
    return made;
}

}  // namespace wasm
