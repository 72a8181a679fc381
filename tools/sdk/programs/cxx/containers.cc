// SPDX-License-Identifier: Apache-2.0
// Containers, algorithms, ranges, strings and smart pointers.
#include "sections.h"

#include <algorithm>
#include <any>
#include <array>
#include <bitset>
#include <chrono>
#include <deque>
#include <forward_list>
#include <functional>
#include <iostream>
#include <list>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <ranges>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

void print(std::string_view title, auto&& range) {
    std::cout << title << ':';
    for (const auto& item : range) std::cout << ' ' << item;
    std::cout << '\n';
}

void sequences() {
    std::vector<int> v(20);
    std::iota(v.begin(), v.end(), -5);
    std::ranges::reverse(v);
    v.insert(v.begin() + 3, {100, 200, 300});
    std::erase_if(v, [](int x) { return x % 3 == 0; });
    print("vector", v);
    std::deque<std::string> d;
    for (int i = 0; i < 6; ++i) (i % 2 ? d.push_front(std::to_string(i)) : d.push_back(std::to_string(i * 11)));
    print("deque", d);
    std::list<int> l{5, 3, 9, 1, 3}, other{7, 0};
    l.sort();
    other.sort();
    l.merge(other);
    l.unique();
    print("list", l);
    std::forward_list<char> f{'a', 'b', 'c'};
    f.reverse();
    print("forward_list", f);
    std::array<double, 4> a{1.5, -2.25, 0.125, 1e10};
    std::ranges::sort(a, std::greater{});
    print("array", a);
    std::vector<bool> bits(70, true);
    bits[65] = false;
    bits.flip();
    std::cout << std::count(bits.begin(), bits.end(), true) << ' ' << std::bitset<12>(0xa5) << '\n';
}

void maps() {
    std::map<std::string, std::vector<int>> m;
    for (int i = 0; i < 100; ++i) m[std::string(1, static_cast<char>('a' + i * i % 7))].push_back(i);
    for (const auto& [key, values] : m)
        std::cout << key << '=' << std::accumulate(values.begin(), values.end(), 0) << ' ';
    std::unordered_map<long, long> squares;
    for (long i = -50000; i < 50000; ++i) squares.emplace(i, i * i);
    long sum = 0;
    for (const auto& [root, square] : squares) sum += root + square;
    std::multiset<std::string> words{"b", "a", "b", "c", "b"};
    std::cout << '\n' << sum << ' ' << squares.at(-777) << ' ' << words.count("b") << ' ' << m.contains("z") << '\n';
    auto node = m.extract(m.begin());
    node.key() = "renamed";
    m.insert(std::move(node));
    std::cout << m.rbegin()->first << ' ' << std::distance(m.lower_bound("b"), m.end()) << '\n';
}

void algorithms() {
    std::mt19937 generator(42);
    std::vector<unsigned> v(100000);
    std::ranges::generate(v, generator);
    std::cout << v[0] << ' ' << v.back() << '\n';
    std::ranges::nth_element(v, v.begin() + 50000);
    std::cout << "median " << v[50000] << '\n';
    std::ranges::stable_sort(v, {}, [](unsigned x) { return x % 1000; });
    std::cout << std::ranges::is_sorted(v, {}, [](unsigned x) { return x % 1000; }) << ' ' << v.front() << '\n';
    std::string s = "permute";
    int count = 0;
    std::ranges::sort(s);
    do ++count;
    while (std::ranges::next_permutation(s).found);
    std::cout << count << ' ' << s << '\n';
    std::priority_queue<int> heap(std::less<int>{}, std::vector<int>{4, 1, 8, 8, 3});
    for (; !heap.empty(); heap.pop()) std::cout << heap.top() << ' ';
    auto view = std::views::iota(1) | std::views::filter([](int x) { return x % 7 == 3; }) |
                std::views::transform([](int x) { return x * x; }) | std::views::take(6);
    print("\nview", view);
    std::cout << std::gcd(462, 1071) << ' ' << std::midpoint(3, 8) << ' ' << std::clamp(12, 1, 10) << '\n';
}

struct Node {
    explicit Node(int v) : value(v) { ++alive; }
    ~Node() { --alive; }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    int value;
    std::shared_ptr<Node> next;
    std::weak_ptr<Node> back;
    static inline int alive = 0;
};

void ownership() {
    auto first = std::make_shared<Node>(1);
    first->next = std::make_shared<Node>(2);
    first->next->back = first;
    std::cout << first.use_count() << ' ' << first->next->back.lock()->value << ' ' << Node::alive << '\n';
    std::weak_ptr<Node> watch = first;
    first.reset();
    std::cout << watch.expired() << ' ' << Node::alive << '\n';
    std::unique_ptr<Node, std::function<void(Node*)>> own(new Node(3), [](Node* n) {
        std::cout << "deleting " << n->value << '\n';
        delete n;
    });
    own.reset();
    std::variant<int, std::string, std::vector<int>> v = "text";
    std::cout << v.index() << ' ' << std::get<std::string>(v) << ' ' << std::holds_alternative<int>(v) << '\n';
    v = std::vector{1, 2, 3};
    std::visit([](const auto& x) { std::cout << sizeof(x[0] + 0) * 0 + 1 << '\n'; }, std::variant<std::string>("x"));
    std::optional<int> none;
    std::any box = std::tuple(1, 'c', 2.5);
    std::cout << none.value_or(-1) << ' ' << std::get<2>(std::any_cast<std::tuple<int, char, double>>(box)) << '\n';
    const std::array numbers{1, 2, 3, 4};
    std::cout << std::span(numbers).last<2>()[0] << '\n';
}

void strings() {
    std::string s = "The quick brown fox";
    s.replace(4, 5, "slow").append(" jumps").insert(0, ">> ");
    std::cout << s << ' ' << s.find("fox") << ' ' << s.rfind('o') << ' ' << s.substr(3, 3) << '\n';
    std::cout << std::stoi("-123") << ' ' << std::stoull("ffffffffffffffff", nullptr, 16) << ' ' << std::stod("1e-3")
              << '\n';
    std::cout << std::to_string(3.5) << ' ' << std::to_string(-9223372036854775807LL) << ' '
              << std::string(3, 'z') + "!" << '\n';
    std::u32string wide = U"\u20ac\U0001F600";
    std::cout << wide.size() << ' ' << std::string_view("a,b,c").starts_with("a,") << ' ' << s.ends_with("jumps")
              << '\n';
    std::string big;
    for (int i = 0; i < 100000; ++i) big += static_cast<char>('a' + i % 26);
    std::cout << big.size() << ' ' << big.compare(0, 26, "abcdefghijklmnopqrstuvwxyz") << ' ' << (big < "b") << '\n';
    using namespace std::chrono;
    const sys_days day = year{2024} / February / 29;
    std::cout << day.time_since_epoch().count() << ' ' << weekday(day).c_encoding() << ' '
              << duration_cast<minutes>(hours(30)).count() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    return run_section({{"sequences", sequences},
                        {"maps", maps},
                        {"algorithms", algorithms},
                        {"ownership", ownership},
                        {"strings", strings}},
                       argc, argv);
}
