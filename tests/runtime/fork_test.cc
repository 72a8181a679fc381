// SPDX-License-Identifier: Apache-2.0
// What is kept from one thread, or one child process, for the next.
#include "engine.h"
#include "instance/objects.h"

#include <wasm/fork.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

using namespace wasm;
using namespace wasm::test;

namespace {

// f(n) = n == 0 ? 0 : f(n - 1)
uint32_t add_descent(ModuleBuilder& m) {
    return m.func({kI32}, {kI32},
                  test::Code()
                      .local_get(0)
                      .op("i32.eqz")
                      .block("if", kI32)
                      .i32_const(0)
                      .op("else")
                      .local_get(0)
                      .i32_const(1)
                      .op("i32.sub")
                      .call(0)
                      .end()
                      .end());
}

bool is_resident(void* page) {
    unsigned char state = 0;
    REQUIRE(mincore(page, 4096, &state) == 0);
    return (state & 1) != 0;
}

}  // namespace

TEST_CASE("what a child has translated is there for the next one") {
    Engine engine;
    ModuleBuilder m;
    m.export_func("seven", m.func({}, {kI32}, test::Code().i32_const(7).end()));
    m.export_func("eight", m.func({}, {kI32}, test::Code().i32_const(8).end()));
    const Instance instance = engine.add(m);
    const FuncData* const seven = instance.func("seven")->data();
    const FuncData* const eight = instance.func("eight")->data();
    engine.store.before_fork();
    const pid_t child = fork();
    if (child == 0) {
        engine.store.after_fork_in_child(engine.store.main_thread());
        _exit(engine.call_i32(instance, "seven"));
    }
    engine.store.after_fork_in_parent();
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 7));
    CHECK(seven->code == nullptr);
    engine.store.before_fork();
    engine.store.after_fork_in_parent();
    CHECK(seven->code != nullptr);
    CHECK(eight->code == nullptr);
    CHECK(engine.call_i32(instance, "seven") == 7);
}

TEST_CASE("the stack of a thread that has ended is used again, without what a deep recursion left there") {
    StoreOptions options;
    options.stack_bytes = 1 << 20;
    Engine engine(options);
    ModuleBuilder m;
    m.export_func("descend", add_descent(m));
    const Instance instance = engine.add(m);
    const Func descend = *instance.func("descend");
    constexpr size_t kDeep = 128 << 10;
    void* first = nullptr;
    for (const int32_t depth : {16000, 1}) {
        auto thread = Thread::create(engine.store, instance, engine.store.main_thread());
        REQUIRE(thread);
        void* const stack = (*thread)->data()->stack_mapping;
        if (first == nullptr) first = stack;
        CHECK(stack == first);
        std::vector<Value> results;
        const Value n = Value::i32(depth);
        REQUIRE((*thread)->call(descend, {&n, 1}, results).finished());
        CHECK(is_resident(static_cast<std::byte*>(stack) + kDeep) == (depth != 1));
    }
}

TEST_CASE("fork waits for whoever holds a lock, and then holds them all") {
    ForkLock first{LockRank::Types}, second{LockRank::Other};
    std::atomic<bool> held{false}, given_back{false};
    std::thread holder([&] {
        second.lock();
        held = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        // Whoever holds a lock may need new ones, of any rank, and end them.
        {
            const ForkLock younger{LockRank::Store};
        }
        given_back = true;
        second.unlock();
    });
    while (!held) std::this_thread::yield();
    lock_for_fork();
    CHECK(given_back);
    std::thread([&] {
        CHECK_FALSE(first.try_lock());
        CHECK_FALSE(second.try_lock());
    }).join();
    unlock_after_fork(false);
    holder.join();
    CHECK(first.try_lock());
    first.unlock();
}

TEST_CASE("threads that take, make and end locks do not keep fork from its end, nor a child from its work") {
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&stop] {
            while (!stop) {
                ForkLock outer{LockRank::Growth};
                const std::lock_guard guard(outer);
                ForkLock inner{LockRank::Types};
                const std::lock_guard both(inner);
                static_cast<void>(intern({{kI32}, {kI64}}));
            }
        });
    }
    int failed = 0;
    for (int i = 0; i < 50; ++i) {
        lock_for_fork();
        const pid_t child = fork();
        unlock_after_fork(child == 0);
        if (child == 0) {
            alarm(60);
            static_cast<void>(intern({{kI64}, {kI32}}));
            _exit(0);
        }
        int status = 0;
        failed += waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(failed == 0);
}

TEST_CASE("whether a thread is alone") {
    // Sanitizers may have one of their own. A thread that has been joined is there for a moment.
    const auto threads = [] {
        const std::filesystem::directory_iterator all("/proc/self/task");
        return std::distance(begin(all), end(all));
    };
    const auto settled = [] {
        for (int i = 0; i < 1000 && !is_only_thread(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return is_only_thread();
    };
    const bool alone = settled();
    CHECK(alone == (threads() == 1));
    std::atomic<bool> stop{false};
    std::thread other([&stop] {
        while (!stop) std::this_thread::yield();
    });
    CHECK_FALSE(is_only_thread());
    stop = true;
    other.join();
    CHECK(settled() == alone);
    count_thread_in();  // is about to begin
    CHECK_FALSE(is_only_thread());
    count_thread_out();
}
