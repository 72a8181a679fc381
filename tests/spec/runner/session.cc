// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include "match.h"
#include "spectest.h"

#include <fmt/format.h>

#include <algorithm>

namespace spec {
namespace {

std::string describe(const wasm::Stop& stop) {
    if (stop.trapped()) return fmt::format("trapped: {}", stop.trap.message());
    if (stop.exited()) return fmt::format("exited with status {}", stop.exit_status);
    return "finished";
}

std::string_view kind_name(wasm::ErrorKind kind) {
    switch (kind) {
        case wasm::ErrorKind::Malformed: return "malformed";
        case wasm::ErrorKind::Invalid: return "invalid";
        case wasm::ErrorKind::Unlinkable: return "unlinkable";
        case wasm::ErrorKind::Limit: return "limit";
        case wasm::ErrorKind::Resource: return "resource";
    }
    return "?";
}

std::string describe(const wasm::Error& error) {
    return fmt::format("{}: {}", kind_name(error.kind), error.describe());
}

std::string wanted(std::string_view what, const std::string& got) { return fmt::format("want {}, got: {}", what, got); }

std::string describe(const std::vector<wasm::Value>& values) {
    std::string text;
    for (const auto& v : values) text += (text.empty() ? "" : ", ") + to_string(v);
    return '(' + text + ')';
}

std::string describe(const std::vector<Alternatives>& expected) {
    std::string text;
    for (const auto& e : expected) text += (text.empty() ? "" : ", ") + to_string(e[0]) + (e.size() > 1 ? " or …" : "");
    return '(' + text + ')';
}

bool results_match(const std::vector<wasm::Value>& got, const std::vector<Alternatives>& expected) {
    return std::equal(got.begin(), got.end(), expected.begin(), expected.end(), [](const auto& value, const auto& any) {
        return std::any_of(any.begin(), any.end(), [&](const ScriptValue& e) { return matches(value, e); });
    });
}

}  // namespace

Session::Session(const wasm::StoreOptions& options) : store_(options), linker_(store_) {
    define_spectest(linker_, store_);
}

Complaint Session::run(const Command& c) {
    switch (c.op) {
        case Op::Module:
        case Op::Definition: return run_module(c);
        case Op::Instance: return run_instance(c);
        case Op::Register: return run_register(c);
        case Op::Action: {
            const Performed p = perform(c.action);
            return p.complaint.empty() && !p.stop.finished() ? describe(p.stop) : p.complaint;
        }
        case Op::AssertReturn: return assert_return(c);
        case Op::AssertTrap: return assert_trap(c, nullptr);
        case Op::AssertTrapModule: return assert_trap_module(c);
        case Op::AssertExhaustion: {
            wasm::TrapKind kind = wasm::TrapKind::StackExhausted;
            return assert_trap(c, &kind);
        }
        case Op::AssertException: {
            wasm::TrapKind kind = wasm::TrapKind::UncaughtException;
            return assert_trap(c, &kind);
        }
        case Op::AssertInvalid: return assert_rejected(c, wasm::ErrorKind::Invalid);
        case Op::AssertMalformed: return assert_rejected(c, wasm::ErrorKind::Malformed);
        case Op::AssertUnlinkable: return assert_unlinkable(c);
        case Op::Unconverted: return fmt::format("not converted: {}", c.text);
        case Op::TextOnly: break;
    }
    return "unknown command";
}

Complaint Session::instantiate(std::string_view name, const ModulePtr& module) {
    auto made = linker_.instantiate(module);
    if (!made) return describe(made.error());
    if (!made->stop.finished()) return describe(made->stop);
    instances_[""] = made->instance;
    instances_[std::string(name)] = made->instance;
    return {};
}

Complaint Session::run_module(const Command& c) {
    instances_.erase("");
    instances_.erase(std::string(c.name));
    auto module = wasm::Module::load(c.binary);
    if (!module) return describe(module.error());
    definitions_[""] = *module;
    definitions_[std::string(c.name)] = *module;
    return c.op == Op::Definition ? Complaint{} : instantiate(c.name, *module);
}

Complaint Session::run_instance(const Command& c) {
    const auto definition = definitions_.find(c.target);
    if (definition == definitions_.end()) return fmt::format("no module definition '{}'", c.target);
    return instantiate(c.name, definition->second);
}

Complaint Session::run_register(const Command& c) {
    const auto instance = instances_.find(c.target);
    if (instance == instances_.end()) return fmt::format("no instance '{}'", c.target);
    linker_.define_instance(c.name, instance->second);
    return {};
}

Session::Performed Session::perform(const Action& action) {
    const auto instance = instances_.find(action.module);
    if (instance == instances_.end()) return {fmt::format("no instance '{}'", action.module), {}, {}};
    return action.is_get ? get(instance->second, action) : invoke(instance->second, action);
}

Session::Performed Session::get(wasm::Instance instance, const Action& action) {
    const auto global = instance.global(action.field);
    if (!global) return {fmt::format("no exported global '{}'", action.field), {}, {}};
    return {{}, {}, {global->get()}};
}

Session::Performed Session::invoke(wasm::Instance instance, const Action& action) {
    const auto func = instance.func(action.field);
    if (!func) return {fmt::format("no exported function '{}'", action.field), {}, {}};
    const wasm::FuncType type = func->type();
    std::vector<wasm::Value> args;
    for (size_t i = 0; i < action.args.size() && i < type.params.size(); ++i) {
        if (const auto arg = to_argument(action.args[i], type.params[i])) args.push_back(*arg);
    }
    if (args.size() != type.params.size() || args.size() != action.args.size()) {
        return {fmt::format("arguments do not fit type {}", to_string(type)), {}, {}};
    }
    Performed p;
    p.stop = store_.main_thread().call(*func, args, p.results);
    return p;
}

Complaint Session::assert_return(const Command& c) {
    const Performed p = perform(c.action);
    if (!p.complaint.empty()) return p.complaint;
    if (!p.stop.finished()) return wanted(describe(c.expected), describe(p.stop));
    return results_match(p.results, c.expected) ? Complaint{} : wanted(describe(c.expected), describe(p.results));
}

// `kind`, if given, must be the trap's; else the message decides.
Complaint Session::assert_trap(const Command& c, wasm::TrapKind* kind) {
    const Performed p = perform(c.action);
    if (!p.complaint.empty()) return p.complaint;
    const bool agrees = p.stop.trapped() && (kind == nullptr || p.stop.trap.kind == *kind) &&
                        message_matches(p.stop.trap.message(), c.text);
    return agrees ? Complaint{} : wanted(fmt::format("trap \"{}\"", c.text), describe(p.stop));
}

Complaint Session::assert_trap_module(const Command& c) {
    auto module = wasm::Module::load(c.binary);
    if (!module) return describe(module.error());
    auto made = linker_.instantiate(*module);
    if (!made) return describe(made.error());
    const bool agrees = made->stop.trapped() && message_matches(made->stop.trap.message(), c.text);
    return agrees ? Complaint{} : wanted(fmt::format("trap \"{}\"", c.text), describe(made->stop));
}

Complaint Session::assert_rejected(const Command& c, wasm::ErrorKind kind) {
    const auto module = wasm::Module::load(c.binary);
    const std::string want = fmt::format("{}: \"{}\"", kind_name(kind), c.text);
    if (module) return wanted(want, "accepted");
    const wasm::Error& error = module.error();
    return error.kind == kind && message_matches(error.message, c.text) ? Complaint{} : wanted(want, describe(error));
}

Complaint Session::assert_unlinkable(const Command& c) {
    auto module = wasm::Module::load(c.binary);
    if (!module) return describe(module.error());
    const auto made = linker_.instantiate(*module);
    const std::string want = fmt::format("unlinkable: \"{}\"", c.text);
    if (made) return wanted(want, "instantiated");
    const wasm::Error& error = made.error();
    // The linker lists all bad imports in one message: the expected one may stand anywhere in it.
    const bool agrees = error.kind == wasm::ErrorKind::Unlinkable && error.message.find(c.text) != std::string::npos;
    return agrees ? Complaint{} : wanted(want, describe(error));
}

}  // namespace spec
