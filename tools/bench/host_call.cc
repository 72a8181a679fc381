// SPDX-License-Identifier: Apache-2.0
// What a host call costs that does nothing: prints nanoseconds, for `bench boundary`.
//
//   host_call MODULE      the module is programs/host_call.c
#include <wasm/linker.h>
#include <wasm/module.h>
#include <wasm/store.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr int32_t kCalls = 10'000'000;
constexpr int kRounds = 7;

wasm::HostOutcome nothing(wasm::Caller&, wasm::Slot*, void*) { return wasm::HostOutcome::Continue; }

int fail(const std::string& message) {
    std::fprintf(stderr, "host_call: %s\n", message.c_str());
    return 1;
}

double processor_time() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Nanoseconds per round of the loop that this function contains.
double time_of(wasm::Store& store, const wasm::Func& function) {
    const std::vector<wasm::Value> arguments{wasm::Value::i32(kCalls)};
    std::vector<wasm::Value> results;
    const double start = processor_time();
    const wasm::Stop stop = store.main_thread().call(function, arguments, results);
    return stop.trapped() ? -1 : (processor_time() - start) / kCalls;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return fail("usage: host_call MODULE");
    auto module = wasm::Module::load_file(argv[1]);
    if (!module) return fail(module.error().describe());
    wasm::Store store;
    wasm::Linker linker(store);
    linker.define_func("host", "nothing", {wasm::FuncType{}, &nothing, nullptr});
    auto made = linker.instantiate(*module);
    if (!made) return fail(made.error().describe());
    const auto calls = made->instance.func("calls");
    const auto loop = made->instance.func("loop");
    if (!calls || !loop) return fail("the module is not programs/host_call.c");
    std::vector<double> differences;
    for (int round = 0; round < kRounds; ++round) {
        const double with = time_of(store, *calls);
        const double without = time_of(store, *loop);
        if (with < 0 || without < 0) return fail("the module has trapped");
        differences.push_back(with - without);
    }
    std::ranges::sort(differences);
    std::printf("empty host call\t%.2f\n", std::max(0.0, differences[kRounds / 2]));
    return 0;
}
