// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <stdexcept>
#include <thread>

int main() {
    const char* system = "";
    std::thread([&] { system = "WALI"; }).join();
    try {
        throw std::runtime_error("hello from");
    } catch (const std::exception& error) {
        std::cout << error.what() << ' ' << system << '\n';
    }
}
