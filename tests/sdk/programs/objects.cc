// SPDX-License-Identifier: Apache-2.0
// The C++ library: containers, strings, streams, exceptions of all kinds, threads, and what runs before and after main.
#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <typeinfo>
#include <unordered_map>
#include <variant>
#include <vector>

struct Noisy {
    explicit Noisy(const char* name) : name(name) { std::printf("+%s\n", name); }
    ~Noisy() { std::printf("-%s\n", name); }
    const char* name;
};
static Noisy global("global");
static thread_local std::string local = "initial";

struct Base {
    virtual ~Base() = default;
    virtual int value() const { return 1; }
};
struct Left : virtual Base {
    int value() const override { return 2; }
};
struct Right : virtual Base {};
struct Both : Left, Right {};

static void containers() {
    std::map<std::string, std::vector<int>> map{{"b", {2, 3}}, {"a", {1}}};
    map["c"].push_back(4);
    for (const auto& [key, values] : map) std::cout << key << std::accumulate(values.begin(), values.end(), 0) << ' ';
    std::unordered_map<int, std::string> table;
    for (int i = 0; i < 1000; ++i) table[i * 7919] = std::to_string(i);
    std::set<int> set{5, 1, 3};
    std::deque<int> deque(set.rbegin(), set.rend());
    std::priority_queue<int> queue(deque.begin(), deque.end());
    std::list<int> list{3, 1, 2};
    list.sort();
    std::cout << table.at(7919 * 500) << ' ' << deque.front() << ' ' << queue.top() << ' ' << list.front() << '\n';
    std::vector<std::string> words{"pear", "apple", "fig"};
    std::sort(words.begin(), words.end(), [](auto& a, auto& b) { return a.size() < b.size(); });
    for (auto& word : words) std::cout << word << ' ';
    std::variant<int, std::string> variant = "text";
    std::optional<double> nothing;
    std::any any = 5L;
    std::cout << std::get<std::string>(variant) << ' ' << nothing.value_or(2.5) << ' ' << std::any_cast<long>(any)
              << '\n';
    std::mt19937 random(42);
    std::cout << random() << ' ' << std::uniform_int_distribution<int>(1, 1)(random) << '\n';
}

static void streams() {
    std::ostringstream out;
    out << std::hex << 255 << ' ' << std::setw(8) << std::setfill('*') << std::dec << 42 << ' ' << std::fixed
        << std::setprecision(3) << 3.14159 << ' ' << std::boolalpha << true << ' ' << 1.5L;
    std::cout << out.str() << '\n';
    std::istringstream in("12 3.5 word");
    int i;
    double d;
    std::string s;
    in >> i >> d >> s;
    std::cout << i << ' ' << d << ' ' << s << ' ' << in.eof() << '\n';
    std::ofstream("written") << "first\nsecond\n";
    std::ifstream file("written");
    while (std::getline(file, s)) std::cout << '[' << s << ']';
    std::cout << std::filesystem::file_size("written") << ' ' << std::filesystem::exists("absent") << '\n';
    std::smatch match;
    std::string text = "key=value";
    std::cout << std::regex_match(text, match, std::regex("(\\w+)=(\\w+)")) << match[2] << '\n';
}

static void throws(int what) {
    Noisy scope("scope");
    switch (what) {
        case 0: throw 42;
        case 1: throw std::runtime_error("runtime");
        case 2: throw Both();
        case 3: std::vector<int>().at(3); break;
        case 4: std::filesystem::file_size("/nonexistent"); break;
        case 5: throw "text";
        case 6: static_cast<void>(dynamic_cast<Both&>(*std::make_unique<Base>())); break;
        case 7: static_cast<void>(std::stoi("no number")); break;
    }
}

static void exceptions() {
    for (int what = 0; what < 8; ++what) {
        try {
            throws(what);
        } catch (int number) {
            std::cout << "int " << number << '\n';
        } catch (const std::out_of_range&) {
            std::cout << "out of range\n";
        } catch (const std::system_error& error) {
            std::cout << "system " << error.code().value() << '\n';
        } catch (const std::bad_cast&) {
            std::cout << "bad cast\n";
        } catch (const std::exception& error) {
            std::cout << typeid(error).name() << '\n';
        } catch (const Base& base) {
            std::cout << "base " << base.value() << '\n';
        } catch (...) {
            std::cout << "something\n";
        }
    }
    try {
        try {
            throw std::logic_error("inner");
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outer"));
        }
    } catch (const std::exception& error) {
        try {
            std::rethrow_if_nested(error);
        } catch (const std::exception& nested) {
            std::cout << error.what() << " of " << nested.what() << ", in flight " << std::uncaught_exceptions()
                      << '\n';
        }
    }
}

static void threads() {
    std::mutex mutex;
    std::condition_variable ready;
    std::atomic<long> sum{0};
    int turn = 0;
    std::vector<std::thread> crowd;
    for (int i = 0; i < 6; ++i) {
        crowd.emplace_back([&, i] {
            local += std::to_string(i);
            std::unique_lock lock(mutex);
            ready.wait(lock, [&] { return turn == i; });
            std::cout << local << ' ';
            sum += i;
            ++turn;
            ready.notify_all();
        });
    }
    for (auto& thread : crowd) thread.join();
    auto future = std::async(std::launch::async, [] { return local == "initial" ? 7 : 0; });
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("thrown in a thread"); });
    std::cout << sum << ' ' << future.get() << ' ' << local << '\n';
    try {
        failing.get();
    } catch (const std::exception& error) {
        std::cout << error.what() << '\n';
    }
    std::once_flag once;
    for (int i = 0; i < 3; ++i) std::call_once(once, [] { std::cout << "once\n"; });
    auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::cout << (std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(5)) << '\n';
}

int main() {
    std::cout << std::unitbuf;
    containers();
    streams();
    exceptions();
    threads();
    Both both;
    std::cout << dynamic_cast<Right*>(static_cast<Left*>(&both))->value() << '\n';
    static Noisy in_function("static");
    std::unique_ptr<int[]> block(new (std::nothrow) int[1000]);
    std::cout << (block != nullptr) << std::endl;
    std::atexit([] { std::puts("at exit"); });
    return 3;
}
