// SPDX-License-Identifier: Apache-2.0
// Threads and what they share.
#include "sections.h"

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <iostream>
#include <latch>
#include <mutex>
#include <numeric>
#include <semaphore>
#include <shared_mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

void run_all(int count, auto&& body) {
    std::vector<std::thread> all;
    for (int t = 0; t < count; ++t) all.emplace_back(body, t);
    for (auto& thread : all) thread.join();
}

void counters() {
    std::atomic<long> atomic = 0;
    long locked = 0, shared = 0;
    std::mutex mutex;
    std::shared_mutex many;
    std::atomic<bool> torn = false;
    run_all(6, [&](int t) {
        for (int i = 0; i < 3000; ++i) {
            atomic.fetch_add(t, std::memory_order_relaxed);
            {
                const std::lock_guard lock(mutex);
                ++locked;
            }
            if (i % 8 == 0) {
                const std::unique_lock lock(many);
                ++shared;
                ++shared;
            } else {
                const std::shared_lock lock(many);
                if (shared % 2 != 0) torn = true;
            }
        }
    });
    std::cout << atomic << ' ' << locked << ' ' << shared << ' ' << torn << '\n';
    std::atomic_flag flag;
    std::atomic<std::shared_ptr<int>*> pointer = nullptr;
    std::cout << flag.test_and_set() << flag.test_and_set() << ' ' << (pointer.load() == nullptr) << ' '
              << std::atomic<long>().is_lock_free() << '\n';
}

// A bounded queue between threads.
class Queue {
  public:
    void put(int value) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return items_.size() < 5; });
        items_.push_back(value);
        filled_.notify_one();
    }
    int take() {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return !items_.empty(); });
        const int value = items_.front();
        items_.pop_front();
        room_.notify_one();
        return value;
    }

  private:
    std::mutex mutex_;
    std::condition_variable room_, filled_;
    std::deque<int> items_;
};

void queue() {
    Queue queue;
    std::atomic<long> sum = 0;
    run_all(8, [&](int t) {
        for (int i = 0; i < 500; ++i) {
            if (t % 2)
                queue.put(i * t);
            else
                sum += queue.take();
        }
    });
    std::cout << sum << '\n';
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    std::cout << (never.wait_for(lock, 2ms) == std::cv_status::timeout) << '\n';
}

void futures() {
    std::vector<std::future<long>> parts;
    for (long part = 0; part < 6; ++part) {
        parts.push_back(std::async(std::launch::async, [part] {
            std::vector<long> v(10000);
            std::iota(v.begin(), v.end(), part * 10000);
            return std::accumulate(v.begin(), v.end(), 0L);
        }));
    }
    long total = 0;
    for (auto& part : parts) total += part.get();
    std::promise<std::string> promise;
    auto answer = promise.get_future().share();
    std::thread teller([&promise] { promise.set_value("told"); });
    std::cout << total << ' ' << answer.get() << ' ' << answer.get().size() << '\n';
    teller.join();
    std::packaged_task<int(int)> task([](int x) { return x * 2; });
    auto doubled = task.get_future();
    task(21);
    std::cout << doubled.get() << ' ' << (doubled.valid() ? "valid" : "used") << '\n';
}

thread_local std::string mine = "fresh";

void storage() {
    static int constructed = 0;
    std::once_flag once;
    std::atomic<int> fresh = 0;
    run_all(5, [&](int t) {
        std::call_once(once, [] { ++constructed; });
        if (mine == "fresh") ++fresh;
        mine = std::to_string(t);
        static std::vector<int> guarded = [] {
            ++constructed;
            return std::vector<int>(3);
        }();
        if (guarded.size() != 3) std::cout << "not constructed\n";
    });
    std::cout << constructed << ' ' << fresh << ' ' << mine << '\n';
    std::atomic<int> different = 0;
    const auto self = std::this_thread::get_id();
    run_all(4, [&](int) { different += std::this_thread::get_id() != self; });
    std::cout << different << ' ' << (std::thread().joinable() ? "joinable" : "not a thread") << '\n';
}

void modern() {
    std::latch ready(4);
    std::barrier step(4);
    std::counting_semaphore<2> two(2);
    std::atomic<int> inside = 0, most = 0, phases = 0;
    run_all(4, [&](int t) {
        ready.arrive_and_wait();
        for (int phase = 0; phase < 3; ++phase) {
            two.acquire();
            const int now = ++inside;
            int seen = most;
            while (seen < now && !most.compare_exchange_weak(seen, now)) {
            }
            --inside;
            two.release();
            step.arrive_and_wait();
            if (t == 0) ++phases;
        }
    });
    std::cout << (most <= 2) << ' ' << phases << '\n';
    std::atomic<int> turn = 0;
    std::thread waiter([&turn] {
        turn.wait(0);
        turn = 2;
        turn.notify_all();
    });
    turn = 1;
    turn.notify_one();
    turn.wait(1);
    waiter.join();
    std::cout << turn << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    return run_section(
        {{"counters", counters}, {"queue", queue}, {"futures", futures}, {"storage", storage}, {"modern", modern}},
        argc, argv);
}
