// SPDX-License-Identifier: Apache-2.0
// What is written to binfmt_misc and systemd's folder, on stand-ins for both. The kernel's own part is tested by
// cli_binfmt_test.py where a private binfmt_misc can be had.
#include "cli/binfmt.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cli {
namespace {

namespace fs = std::filesystem;

struct StandIn {
    StandIn() {
        std::string name = (fs::temp_directory_path() / "wali-run-binfmt-XXXXXX").string();
        root = mkdtemp(name.data());
        fs::create_directories(root / "kernel");
        write("kernel/register", "");
        places = {(root / "kernel").string(), (root / "binfmt.d").string(), (root / "systemd").string(), false};
    }
    ~StandIn() { fs::remove_all(root); }
    void write(const std::string& file, std::string_view text) { std::ofstream(root / file) << text; }
    std::string read(const std::string& file) {
        std::ifstream in(root / file);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // What the kernel makes of a registration.
    void accept() {
        write("kernel/wali-run", "enabled\ninterpreter /a/wali-run\nflags: POF\noffset 0\nmagic 0061736d01000000\n");
    }

    fs::path root;
    BinfmtPlaces places;
};

}  // namespace

TEST_CASE("the line that registers") {
    CHECK(binfmt_line("/usr/bin/wali-run", "POF") == R"(:wali-run:M:0:\x00asm\x01\x00\x00\x00::/usr/bin/wali-run:POF)");
    CHECK(binfmt_line("/a:b/wali-run", "F") == R"(,wali-run,M,0,\x00asm\x01\x00\x00\x00,,/a:b/wali-run,F)");
    CHECK_FALSE(binfmt_line("/:,|!~%@", "F"));
}

TEST_CASE("installing, with systemd and without") {
    StandIn stand_in;
    // The stand-in registers nothing by itself: the answer says so.
    auto answer = binfmt_install(stand_in.places);
    REQUIRE(answer);
    CHECK(answer->status == 1);
    const std::string line = *binfmt_line(fs::read_symlink("/proc/self/exe").string(), "POF");
    CHECK(stand_in.read("kernel/register") == line);
    CHECK(answer->text.find("no: there is no systemd-binfmt here") != std::string::npos);
    CHECK_FALSE(fs::exists(stand_in.root / "binfmt.d"));

    stand_in.write("systemd", "");
    stand_in.accept();
    answer = binfmt_install(stand_in.places);
    REQUIRE(answer);
    CHECK(stand_in.read("kernel/wali-run") ==
          "-1abled\ninterpreter /a/wali-run\nflags: POF\noffset 0\nmagic 0061736d01000000\n");
    CHECK(stand_in.read("binfmt.d/wali-run.conf").find("\n" + line + "\n") != std::string::npos);
}

TEST_CASE("status and removal") {
    StandIn stand_in;
    stand_in.write("systemd", "");
    CHECK(binfmt_status(stand_in.places)->status == 1);
    CHECK(binfmt_status(stand_in.places)->text.starts_with("registered:      no\n"));
    stand_in.accept();
    CHECK(binfmt_status(stand_in.places)->status == 0);
    CHECK(binfmt_status(stand_in.places)
              ->text.starts_with("registered:      yes\ninterpreter:     /a/wali-run\nflags:           POF\nsurvives "
                                 "reboot: no: there is no "));
    stand_in.write("kernel/status", "disabled\n");
    CHECK(binfmt_status(stand_in.places)->status == 1);
    fs::create_directories(stand_in.root / "binfmt.d");
    stand_in.write("binfmt.d/wali-run.conf", "x");
    CHECK(binfmt_remove(stand_in.places)->text == "removed\n");
    CHECK_FALSE(fs::exists(stand_in.root / "binfmt.d/wali-run.conf"));
    CHECK(stand_in.read("kernel/wali-run").starts_with("-1"));
    fs::remove(stand_in.root / "kernel/wali-run");
    CHECK(binfmt_remove(stand_in.places)->text == "nothing was registered\n");
}

TEST_CASE("no binfmt_misc") {
    StandIn stand_in;
    fs::remove_all(stand_in.root / "kernel");
    const auto answer = binfmt_install(stand_in.places);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().message == stand_in.places.kernel + ": No such file or directory");
    CHECK(binfmt_status(stand_in.places)->text.starts_with("registered:      no (no binfmt_misc at "));
}

}  // namespace cli
