// SPDX-License-Identifier: Apache-2.0
// Exceptions: types, unwinding, nesting, across threads, and what happens without a handler.
#include "sections.h"

#include <cstdlib>
#include <exception>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <typeinfo>
#include <vector>

namespace {

struct Base {
    virtual ~Base() = default;
    virtual std::string name() const { return "Base"; }
};
struct Left : virtual Base {
    std::string name() const override { return "Left"; }
};
struct Right : virtual Base {};
struct Bottom : Left, Right {
    std::string name() const override { return "Bottom"; }
};

struct Trace {
    explicit Trace(std::string what) : what_(std::move(what)) { std::cout << '+' << what_ << ' '; }
    ~Trace() { std::cout << '-' << what_ << (std::uncaught_exceptions() ? "! " : " "); }
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

  private:
    std::string what_;
};

void throw_kind(int kind) {
    switch (kind) {
        case 0: throw 42;
        case 1: throw "text";
        case 2: throw std::runtime_error("runtime");
        case 3: throw Bottom();
        case 4: throw std::out_of_range("range");
        case 5: throw std::make_unique<int>(7);
        default: throw std::system_error(std::make_error_code(std::errc::permission_denied), "system");
    }
}

void kinds() {
    for (int kind = 0; kind < 7; ++kind) {
        try {
            throw_kind(kind);
        } catch (int n) {
            std::cout << "int " << n << '\n';
        } catch (const char* text) {
            std::cout << "text " << text << '\n';
        } catch (const std::logic_error& e) {
            std::cout << "logic " << e.what() << '\n';
        } catch (const std::system_error& e) {
            std::cout << "system " << (e.code() == std::errc::permission_denied) << '\n';
        } catch (const std::exception& e) {
            std::cout << "exception " << e.what() << '\n';
        } catch (const Base& b) {
            std::cout << "base " << b.name() << ' ' << (typeid(b) == typeid(Bottom)) << '\n';
        } catch (...) {
            std::cout << "something else\n";
        }
    }
}

int descend(int depth) {
    const Trace trace(std::to_string(depth));
    if (depth == 4) throw std::length_error("deep");
    return descend(depth + 1) + 1;
}

struct Half {
    Half() : first("first"), second((throw 1, "second")) {}
    Trace first, second;
};

void unwinding() {
    try {
        descend(0);
    } catch (const std::length_error& e) {
        std::cout << e.what() << '\n';
    }
    try {
        Half half;
    } catch (int) {
        std::cout << "constructor\n";
    }
    try {
        std::vector<std::unique_ptr<Trace>> all;
        all.push_back(std::make_unique<Trace>("element"));
        all.at(1);
    } catch (const std::out_of_range&) {
        std::cout << "vector\n";
    }
    long caught = 0;
    for (int i = 0; i < 20000; ++i) {
        try {
            throw_kind(i % 7);
        } catch (...) {
            ++caught;
        }
    }
    std::cout << caught << '\n';
}

void nesting() {
    try {
        try {
            try {
                throw std::runtime_error("inner");
            } catch (...) {
                std::throw_with_nested(std::logic_error("outer"));
            }
        } catch (const std::exception& e) {
            std::cout << e.what() << '\n';
            throw;
        }
    } catch (const std::exception& e) {
        try {
            std::rethrow_if_nested(e);
        } catch (const std::exception& inner) {
            std::cout << inner.what() << ' ' << std::uncaught_exceptions() << '\n';
        }
    }
    std::exception_ptr kept;
    try {
        throw 5;
    } catch (...) {
        kept = std::current_exception();
    }
    try {
        std::rethrow_exception(kept);
    } catch (int n) {
        std::cout << n << '\n';
    }
    try {
        std::function<void()>()();
    } catch (const std::bad_function_call&) {
        std::cout << "empty function\n";
    }
}

void library() {
    const auto attempt = [](const char* what, auto&& f) {
        try {
            f();
            std::cout << what << ": nothing\n";
        } catch (const std::bad_alloc&) {
            std::cout << what << ": bad_alloc\n";
        } catch (const std::bad_cast&) {
            std::cout << what << ": bad_cast\n";
        } catch (const std::invalid_argument&) {
            std::cout << what << ": invalid_argument\n";
        } catch (const std::ios_base::failure&) {
            std::cout << what << ": ios failure\n";
        }
    };
    attempt("cast", [] {
        Left left;
        Base& base = left;
        dynamic_cast<Bottom&>(base);
    });
    attempt("stoi", [] { std::stoi("none"); });
    attempt("stream", [] {
        std::cin.exceptions(std::ios::eofbit);
        std::string word;
        std::cin >> word;
    });
    volatile std::size_t much = static_cast<std::size_t>(-1) / 2;
    attempt("new", [&] { delete[] new char[much]; });
    std::cout << (new (std::nothrow) char[much] == nullptr) << '\n';
}

void threads() {
    std::vector<std::thread> all;
    std::vector<int> caught(8);
    for (int t = 0; t < 8; ++t) {
        all.emplace_back([t, &caught] {
            for (int i = 0; i < 500; ++i) {
                try {
                    throw_kind((i + t) % 7);
                } catch (const std::exception&) {
                    ++caught[static_cast<std::size_t>(t)];
                } catch (...) {
                }
            }
        });
    }
    for (auto& thread : all) thread.join();
    for (const int n : caught) std::cout << n << ' ';
    auto future = std::async(std::launch::async, []() -> int { throw std::domain_error("from a thread"); });
    try {
        std::cout << future.get();
    } catch (const std::domain_error& e) {
        std::cout << e.what() << '\n';
    }
}

void terminated() {
    std::set_terminate([] {
        std::cout << "terminate" << std::endl;
        std::_Exit(3);
    });
    const auto promise = []() noexcept { throw_kind(2); };
    promise();
}

void uncaught() {
    std::cout << "before" << std::endl;
    throw std::runtime_error("nobody catches this");
}

}  // namespace

int main(int argc, char** argv) {
    return run_section({{"kinds", kinds},
                        {"unwinding", unwinding},
                        {"nesting", nesting},
                        {"library", library},
                        {"threads", threads},
                        {"terminated", terminated},
                        {"uncaught", uncaught}},
                       argc, argv);
}
