// SPDX-License-Identifier: Apache-2.0
// Embedding: functions of the host that a module imports, bound from plain typed C++ functions.
//
//   host_import MODULE
//
// The module imports `host.say(text, length)` and `host.next() -> i64`, and exports its memory and `run()`.
#include <wasm/bind.h>
#include <wasm/linker.h>
#include <wasm/module.h>
#include <wasm/store.h>

#include <cstdio>
#include <string>

namespace {

// State of the host that its functions share. The guest can reach it only through them.
struct Counter {
    int64_t value = 0;
};

// The wasm signature, () -> (i64), follows from this C++ type; so does the reading of arguments.
int64_t next(wasm::Caller&, Counter& counter) { return ++counter.value; }

// Two i32 of the guest, an address and a count, arrive as one checked kind. The memory may change or shrink its
// rights at any time, so the host copies first and looks afterwards; what cannot be copied is the guest's fault.
wasm::HostOutcome say(wasm::Caller& caller, wasm::GuestRange<char> text) {
    constexpr uint32_t kMostBytes = 4096;
    std::string copy(text.count < kMostBytes ? text.count : kMostBytes, '\0');
    if (!caller.memory().read(text.at, copy.data(), copy.size())) {
        return caller.trap(wasm::TrapKind::OutOfBoundsMemory, "host.say");
    }
    std::printf("guest says: %s\n", copy.c_str());
    return wasm::HostOutcome::Continue;
}

int fail(const std::string& message) {
    std::fprintf(stderr, "host_import: %s\n", message.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return fail("usage: host_import MODULE");
    auto module = wasm::Module::load_file(argv[1]);
    if (!module) return fail(module.error().describe());

    Counter counter;  // outlives the instance, as every environment of a bound function must
    wasm::Store store;
    wasm::Linker linker(store);
    linker.define_func("host", "say", wasm::bind<&say>());
    linker.define_func("host", "next", wasm::bind<&next>(counter));

    // An import that is missing or has another type is an error here, before anything runs.
    auto made = linker.instantiate(*module);
    if (!made) return fail(made.error().describe());
    const auto run = made->instance.func("run");
    if (!run || run->type() != wasm::FuncType{}) return fail("no exported function run()");

    std::vector<wasm::Value> results;
    const wasm::Stop stop = store.main_thread().call(*run, {}, results);
    std::printf("the guest asked for %lld numbers\n", static_cast<long long>(counter.value));
    if (stop.trapped()) return fail("trap: " + stop.trap.message());
    return 0;
}
