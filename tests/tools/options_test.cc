// SPDX-License-Identifier: Apache-2.0
// The option parser: what words mean, and what a wrong one is told.
#include "cli/options.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>

namespace {

using namespace cli;

OrUsage<Options> parse(std::initializer_list<const char*> words, std::string_view env_options = {}) {
    std::vector<std::string> storage = {"wali-run"};
    storage.insert(storage.end(), words.begin(), words.end());
    std::vector<char*> argv;
    for (std::string& s : storage) argv.push_back(s.data());
    return parse_options(argv, env_options);
}

Options good(std::initializer_list<const char*> words, std::string_view env_options = {}) {
    auto options = parse(words, env_options);
    REQUIRE(options);
    return std::move(options).value();
}

std::string error(std::initializer_list<const char*> words, std::string_view env_options = {}) {
    auto options = parse(words, env_options);
    REQUIRE_FALSE(options);
    return options.error().message;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("options end at the module, the rest is the guest's") {
    const Options options = good({"--stack-size", "1M", "x.wasm", "--help", "-v", "--", "-"});
    CHECK(options.module == "x.wasm");
    CHECK(options.args == Words{"--help", "-v", "--", "-"});
    CHECK_FALSE(options.help);
    CHECK(good({"--", "--help"}).module == "--help");
    CHECK(good({"-", "a"}).module == "-");
    CHECK(good({}).module.empty());
}

TEST_CASE("a command line written for the reference works unchanged") {
    const Options options = good({"-v=0", "--env-file=F", "--stack-size=4194304", "--max-threads=100", "x.wasm", "-1"});
    CHECK(options.verbosity == 0);
    REQUIRE(options.env.size() == 1);
    CHECK(options.env[0].kind == EnvChange::Kind::File);
    CHECK(options.env[0].text == "F");
    CHECK(options.stack_size == 4194304U);
    CHECK(options.max_threads == 100U);
    CHECK(options.args == Words{"-1"});
}

TEST_CASE("an argument follows the name, with = or as a word") {
    CHECK(good({"--argv0=n", "x"}).argv0 == "n");
    CHECK(good({"--argv0", "n", "x"}).argv0 == "n");
    CHECK(good({"--argv0", "--x", "x"}).argv0 == "--x");
    CHECK(good({"--argv0=", "x"}).argv0 == "");
    CHECK(good({"--env=A=b=c", "x"}).env[0].text == "A=b=c");
}

TEST_CASE("variables keep their order and their kind") {
    const auto env = good({"--env", "A=1", "--env-file", "f", "--env=B", "--clear-env", "x"}).env;
    REQUIRE(env.size() == 3);
    CHECK(env[0].kind == EnvChange::Kind::Set);
    CHECK(env[1].kind == EnvChange::Kind::File);
    CHECK(env[2].kind == EnvChange::Kind::CopyFromHost);
}

TEST_CASE("-v starts at info and climbs; -v=N is exact") {
    CHECK(good({"x"}).verbosity == -1);
    CHECK(good({"-v", "x"}).verbosity == 2);
    CHECK(good({"-v", "-v", "x"}).verbosity == 3);
    CHECK(good({"-vvv", "x"}).verbosity == 4);
    CHECK(good({"--verbose", "x"}).verbosity == 2);
    CHECK(good({"-v=5", "x"}).verbosity == 5);
    CHECK(good({"-v=1", "-v", "x"}).verbosity == 2);
    CHECK(error({"-v=x", "m"}) == "-v 'x': not a number from 0 to 5");
}

TEST_CASE("sizes") {
    CHECK(parse_size("65536") == 65536U);
    CHECK(parse_size("64K") == 65536U);
    CHECK(parse_size("64k") == 65536U);
    CHECK(parse_size("16M") == uint64_t{16} << 20);
    CHECK(parse_size("2G") == uint64_t{2} << 30);
    CHECK(parse_size("17179869183G") == uint64_t{17179869183} << 30);
    for (const char* bad : {"", "K", "-1", "1.5M", "1KB", "0x10", " 1", "17179869184G", "99999999999999999999"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_size(bad));
    }
    CHECK(error({"--stack-size=0", "x"}) == "--stack-size '0': not a size such as 65536, 64K, 16M or 2G");
}

TEST_CASE("times") {
    CHECK(parse_seconds("10") == 10'000'000'000U);
    CHECK(parse_seconds("0.5") == 500'000'000U);
    for (const char* bad : {"", "-1", "1s", "nan", "inf", "1e300"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_seconds(bad));
    }
    CHECK(error({"--timeout=soon", "x"}) == "--timeout 'soon': not a time in seconds such as 10 or 0.5");
}

TEST_CASE("an unknown option names the one that was meant") {
    CHECK(error({"--envfile=x", "m"}) == "unknown option '--envfile': did you mean '--env-file'?");
    CHECK(error({"--stack-sise=1", "m"}) == "unknown option '--stack-sise': did you mean '--stack-size'?");
    CHECK(error({"--time", "1", "m"}) == "unknown option '--time': did you mean '--timeout'?");
    CHECK(error({"--disable-thread", "m"}) == "unknown option '--disable-thread': did you mean '--disable-threads'?");
    CHECK(error({"--frobnicate", "m"}) == "unknown option '--frobnicate' (try --help)");
    CHECK(error({"-x", "m"}) == "unknown option '-x' (try --help)");
    CHECK(error({"--deadlin=3", "m"}).find("did you mean") == std::string::npos);
}

TEST_CASE("missing and superfluous arguments") {
    CHECK(error({"--env-file"}) == "--env-file needs an argument: FILE");
    CHECK(error({"--check=yes", "m"}) == "--check takes no argument");
    CHECK(error({"--disable-threads=1", "m"}) == "--disable-threads takes no argument");
    CHECK(error({"--env", "=x", "m"}) == "--env '=x': not of the form K=V");
    CHECK(error({"--unknown-imports=maybe", "m"}) == "--unknown-imports 'maybe': not one of enosys, trap, refuse");
    CHECK(error({"--max-threads=0", "m"}) == "--max-threads '0': not a number of threads from 1 on");
}

TEST_CASE("features can be switched off one by one") {
    const auto features = good({"--disable-threads", "--disable-exceptions", "m"}).features;
    CHECK_FALSE(features.has(wasm::Feature::Threads));
    CHECK_FALSE(features.has(wasm::Feature::Exceptions));
    CHECK(features.has(wasm::Feature::TailCall));
}

TEST_CASE("WALI_RUN_OPTS comes first and names no module") {
    const Options options = good({"--argv0=b", "m"}, " --argv0=a --env='A=b c' --cwd \"d e\" --env=B=\\ x ");
    CHECK(options.argv0 == "b");
    REQUIRE(options.env.size() == 2);
    CHECK(options.env[0].text == "A=b c");
    CHECK(options.env[1].text == "B= x");
    CHECK(options.cwd == "d e");
    CHECK(error({"m"}, "--check x.wasm") == "WALI_RUN_OPTS: 'x.wasm' is not an option");
    CHECK(error({"m"}, "--env='A") == "WALI_RUN_OPTS: a quote is not closed");
}

TEST_CASE("a .wasm child gets what concerns it, once, and WALI_RUN_OPTS not again") {
    const Options parent = good({"--stack-size=1M", "--env=A=b", "--argv0=n", "--stack-size", "2M", "--warn-missing",
                                 "--disable-threads", "--invoke", "f", "-v", "m"});
    CHECK(parent.inherited == Words{"--stack-size=2M", "--warn-missing", "--disable-threads"});
    const Options child = good({"--child", "--deadline=17", "m"}, "--clear-env --cwd=/");
    CHECK_FALSE(child.clear_env);
    CHECK_FALSE(child.cwd);
    CHECK(child.deadline_ns == 17U);
    CHECK(child.inherited == Words{"--deadline=17"});
}

TEST_CASE("--help fits on a screen and hides what is internal") {
    const std::string help = help_text();
    CHECK(std::count(help.begin(), help.end(), '\n') <= 40);
    CHECK(help.find("--child") == std::string::npos);
    CHECK(help.find("--deadline") == std::string::npos);
    size_t width = 0;
    size_t widest = 0;
    for (const char c : help) {
        const bool starts_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        width = c == '\n' ? 0 : width + (starts_character ? 1 : 0);
        widest = std::max(widest, width);
    }
    CHECK(widest <= 100);
}
