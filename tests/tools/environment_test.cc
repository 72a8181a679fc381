// SPDX-License-Identifier: Apache-2.0
#include "cli/environment.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

namespace {

using cli::EnvChange;
using cli::make_environment;
using Words = std::vector<std::string>;

struct File {
    explicit File(std::string_view text) {
        const int fd = mkstemp(path);
        REQUIRE(fd >= 0);
        REQUIRE(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        close(fd);
    }
    ~File() { unlink(path); }
    char path[32] = "environment-test-XXXXXX";
};

Words make(std::vector<const char*> host, std::vector<EnvChange> changes) {
    auto result = make_environment(host, changes);
    REQUIRE(result);
    return std::move(result).value();
}

}  // namespace

TEST_CASE("later values replace earlier ones in their place") {
    CHECK(make({"A=1", "AB=2"}, {}) == Words{"A=1", "AB=2"});
    CHECK(make({"A=1", "AB=2"}, {{EnvChange::Kind::Set, "A=x"}, {EnvChange::Kind::Set, "C="}}) ==
          Words{"A=x", "AB=2", "C="});
}

TEST_CASE("a name alone copies the host's value, if there is one") {
    setenv("CLI_TEST_VARIABLE", "v=w", 1);
    unsetenv("CLI_TEST_ABSENT");
    CHECK(make({}, {{EnvChange::Kind::CopyFromHost, "CLI_TEST_VARIABLE"},
                    {EnvChange::Kind::CopyFromHost, "CLI_TEST_ABSENT"}}) == Words{"CLI_TEST_VARIABLE=v=w"});
}

TEST_CASE("a file sets one variable a line, and takes its turn") {
    const File file("A=1\n\nno variable\n=x\nB=two words \nLAST=no newline");
    CHECK(make({"A=0"}, {{EnvChange::Kind::File, file.path}, {EnvChange::Kind::Set, "B=3"}}) ==
          Words{"A=1", "B=3", "LAST=no newline"});
    const File empty("");
    CHECK(make({"A=0"}, {{EnvChange::Kind::File, empty.path}}) == Words{"A=0"});
}

TEST_CASE("a file that cannot be read is named") {
    const EnvChange changes[] = {{EnvChange::Kind::File, "environment-test-absent"}};
    auto result = make_environment({}, changes);
    REQUIRE_FALSE(result);
    CHECK(result.error().message == "--env-file environment-test-absent: No such file or directory");
}
