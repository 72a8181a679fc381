// SPDX-License-Identifier: Apache-2.0
#include "environment.h"

#include "exit_status.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace cli {
namespace {

wasm::Result<std::string> read_text(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const auto failed = [&](int error) {
        return own_failure(fmt::format("--env-file {}: {}", path, std::strerror(error)));
    };
    if (fd < 0) return failed(errno);
    std::string text;
    char block[4096];
    while (true) {
        const ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int error = errno;
            close(fd);
            return failed(error);
        }
        if (n == 0) break;
        text.append(block, static_cast<size_t>(n));
    }
    close(fd);
    return text;
}

// Lines without '=' and empty ones set nothing, as in the files other WALI engines take.
wasm::Result<void> apply_file(std::vector<std::string>& environment, const std::string& path) {
    const std::string text = WASM_TRY(read_text(path));
    size_t at = 0;
    while (at < text.size()) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (const size_t equals = line.find('='); equals != std::string::npos && equals != 0) {
            set_variable(environment, std::move(line));
        }
    }
    return {};
}

}  // namespace

void set_variable(std::vector<std::string>& environment, std::string assignment) {
    const std::string_view key = std::string_view(assignment).substr(0, assignment.find('=') + 1);
    for (std::string& old : environment) {
        if (old.starts_with(key)) {
            old = std::move(assignment);
            return;
        }
    }
    environment.push_back(std::move(assignment));
}

wasm::Result<std::vector<std::string>> make_environment(std::span<const char* const> host,
                                                        std::span<const EnvChange> changes) {
    std::vector<std::string> environment(host.begin(), host.end());
    for (const EnvChange& change : changes) {
        switch (change.kind) {
            case EnvChange::Kind::Set: set_variable(environment, change.text); break;
            case EnvChange::Kind::CopyFromHost:
                if (const char* value = std::getenv(change.text.c_str())) {
                    set_variable(environment, fmt::format("{}={}", change.text, value));
                }
                break;
            case EnvChange::Kind::File: WASM_TRY(apply_file(environment, change.text)); break;
        }
    }
    return environment;
}

}  // namespace cli
