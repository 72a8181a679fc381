// SPDX-License-Identifier: Apache-2.0
// Mutants of modules through the whole engine: decoded, validated, instantiated with imports that do nothing, every
// function translated, some called. A mutant may be refused, trap or run out of time; the process must live, and an
// error must be one line.
//
//   fuzz_modules COUNT [SEED [FIRST]] [-- MODULE…]
//
// A mutant depends on SEED, its number and the modules alone: with FIRST and a COUNT of 1, one of them is made again.
// Batches of mutants run in child processes; the mutant in which a child dies is written to the file
// `mutant-SEED-NUMBER.wasm`.
#include "fuzz/mutate.h"
#include "instance/objects.h"
#include "instance/translation.h"
#include "support/specimen.h"

#include <wasm/linker.h>
#include <wasm/module.h>
#include <wasm/store.h>

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <string>

using namespace wasm;
using namespace wasm::test;

namespace {

constexpr uint64_t kBatch = 200;        // mutants of one child
constexpr size_t kCalls = 12;           // of one mutant
constexpr bool kDies = WASM_FUZZ_DIES;  // in the build that shows what is said then
constexpr int kTicks = 5;               // of the timer, after which a call is ended
constexpr suseconds_t kTickMicroseconds = 4000;

// Shared with the children.
struct Progress {
    std::atomic<uint64_t> mutant, valid, instances, functions, calls, traps;
};
Progress* g_progress;

[[noreturn]] void wrong(const std::string& what) {
    std::fprintf(stderr, "fuzz_modules: %s\n", what.c_str());
    std::abort();
}

void check_error(const Error& error) {
    const std::string text = error.describe();
    if (error.message.empty() || text.find('\n') != std::string::npos || text.size() > 2000) {
        wrong("an error that is not one line: " + text);
    }
}

// ---- imports that do nothing

HostOutcome do_nothing(Caller&, Slot* slots, void* env) {
    const auto* type = static_cast<const FuncType*>(env);
    uint32_t count = 0;
    for (const ValType result : type->results) count += result.slots();
    std::fill_n(slots, count, Slot{});
    return HostOutcome::Continue;
}

std::optional<Extern> imitate(Store& store, const ImportType& import, std::deque<FuncType>& types) {
    switch (import.type.kind) {
        case ExternKind::Func:
            types.push_back(import.type.func);
            return Extern(store.make_func({import.type.func, do_nothing, &types.back()}, "nothing"));
        case ExternKind::Table: {
            const auto table = store.make_table(import.type.table, Value::null(import.type.table.element));
            return table ? std::optional(Extern(table.value())) : std::nullopt;
        }
        case ExternKind::Memory: {
            const auto memory = store.make_memory(import.type.memory);
            return memory ? std::optional(Extern(memory.value())) : std::nullopt;
        }
        case ExternKind::Global: {
            Value zero;
            zero.type = import.type.global.type;
            if (zero.type.is_ref()) zero = Value::null(zero.type);
            return Extern(store.make_global(import.type.global, zero));
        }
        case ExternKind::Tag: return Extern(store.make_tag(import.type.tag.type));
    }
    return std::nullopt;
}

// ---- time: nothing runs for ever

constexpr int kStuckTicks = static_cast<int>(60'000'000 / kTickMicroseconds);  // a minute with one mutant
std::atomic<int> g_ticks, g_ticks_of_mutant;
void tick(int) {
    g_ticks.fetch_add(1, std::memory_order_relaxed);
    if (g_ticks_of_mutant.fetch_add(1, std::memory_order_relaxed) == kStuckTicks) std::abort();
    if (Thread* running = Thread::current(); running != nullptr) running->request_interrupt();
}
HostOutcome at_tick(Caller& caller, void*) {
    return g_ticks.load(std::memory_order_relaxed) < kTicks ? HostOutcome::Continue : caller.exit(0);
}
void start_clock() {
    struct sigaction action{};
    action.sa_handler = tick;
    sigaction(SIGALRM, &action, nullptr);
    const itimerval every{{0, kTickMicroseconds}, {0, kTickMicroseconds}};
    setitimer(ITIMER_REAL, &every, nullptr);
}

// ---- one mutant

void translate_functions(const InstanceData& instance) {
    for (FuncData* func : instance.funcs) {
        if (func->instance == nullptr || func->code != nullptr) continue;
        const auto translated = translate_function(*func);
        if (!translated) check_error(translated.error());
        ++g_progress->functions;
    }
}

void call_functions(Store& store, const InstanceData& instance) {
    size_t calls = 0;
    for (FuncData* func : instance.funcs) {
        if (func->instance == nullptr || calls++ >= kCalls) continue;
        std::vector<Value> arguments;
        for (const ValType type : func->func_type().params) {
            if (type.is_ref() && !type.is_nullable()) break;
            Value zero;
            zero.type = type;
            arguments.push_back(type.is_ref() ? Value::null(type) : zero);
        }
        if (arguments.size() != func->func_type().params.size()) continue;
        std::vector<Value> results;
        g_ticks = 0;
        const Stop stop = store.main_thread().call(Func(func), arguments, results);
        ++g_progress->calls;
        if (!stop.trapped()) continue;
        ++g_progress->traps;
        if (stop.trap.message().find('\n') != std::string::npos) wrong("a trap that is not one line");
    }
}

void run_mutant(const Buffer& bytes) {
    if (kDies && g_progress->mutant == 300) std::abort();
    const auto module = Module::load(bytes, {"mutant", Features::all(), false});
    if (!module) return check_error(module.error());
    const auto eager = Module::load(bytes);
    if (!eager) check_error(eager.error());
    if (eager) ++g_progress->valid;
    StoreOptions options;
    options.stack_bytes = 256 << 10;
    options.max_memory_bytes = 16 << 20;
    options.max_table_elements = 100'000;
    Store store(options);
    store.set_interrupt_hook(at_tick, nullptr);
    store.set_call_mismatch(CallMismatch::AdaptIntegers);
    std::deque<FuncType> types;
    Linker linker(store);
    linker.add_resolver([&](const ImportType& import) { return imitate(store, import, types); });
    g_ticks = 0;
    const auto made = linker.instantiate(module.value());
    if (!made) return check_error(made.error());
    ++g_progress->instances;
    const InstanceData& instance = *made.value().instance.data();
    translate_functions(instance);
    call_functions(store, instance);
}

// ---- batches

struct Job {
    uint64_t seed = 1, first = 0, count = 0;
    std::vector<Buffer> seeds;

    // A mutator of its own for each mutant: any of them can be made without the others.
    Buffer mutant(uint64_t number) const { return Mutator(seeds, seed * 1'000'003 + number).next(); }
};

// True if the child ended well; else it has said which mutant it died of.
bool run_batch(const Job& job, uint64_t first, uint64_t end) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        start_clock();
        for (uint64_t n = first; n < end; ++n) {
            g_progress->mutant = n;
            g_ticks_of_mutant = 0;
            run_mutant(job.mutant(n));
        }
        std::exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    const uint64_t number = g_progress->mutant;
    const std::string name = "mutant-" + std::to_string(job.seed) + "-" + std::to_string(number) + ".wasm";
    const Buffer bytes = job.mutant(number);
    std::ofstream(name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    std::fprintf(stderr, "fuzz_modules: mutant %llu of seed %llu ends the process (wait status %d); it is in %s\n",
                 static_cast<unsigned long long>(number), static_cast<unsigned long long>(job.seed), status,
                 name.c_str());
    return false;
}

bool read_file(const char* path, Buffer& bytes) {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
    return file.good() || file.eof();
}

int usage() {
    std::fputs("usage: fuzz_modules COUNT [SEED [FIRST]] [-- MODULE…]\n", stderr);
    return 2;
}

bool read_job(int argc, char** argv, Job& job) {
    int word = 1;
    for (uint64_t* number : {&job.count, &job.seed, &job.first}) {
        if (word == argc || std::strcmp(argv[word], "--") == 0) break;
        char* end = nullptr;
        *number = std::strtoull(argv[word], &end, 10);
        if (*end != '\0') return false;
        ++word;
    }
    if (word < argc && std::strcmp(argv[word++], "--") != 0) return false;
    job.seeds.push_back(specimen());
    for (; word < argc; ++word) {
        if (!read_file(argv[word], job.seeds.emplace_back())) return false;
    }
    return job.count > 0;
}

}  // namespace

int main(int argc, char** argv) {
    Job job;
    if (!read_job(argc, argv, job)) return usage();
    void* shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    g_progress = new (shared) Progress;
    const uint64_t end = job.first + job.count;
    for (uint64_t first = job.first; first < end; first += kBatch) {
        if (!run_batch(job, first, std::min(first + kBatch, end))) return 1;
    }
    const auto shown = [](const std::atomic<uint64_t>& number) {
        return static_cast<unsigned long long>(number.load());
    };
    std::printf("%llu mutants: %llu valid, %llu instances, %llu functions, %llu calls, %llu traps\n",
                static_cast<unsigned long long>(job.count), shown(g_progress->valid), shown(g_progress->instances),
                shown(g_progress->functions), shown(g_progress->calls), shown(g_progress->traps));
    return 0;
}
