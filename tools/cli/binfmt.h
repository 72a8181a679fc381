// SPDX-License-Identifier: Apache-2.0
// binfmt_misc: the kernel runs .wasm files with wali-run, as it runs scripts with their interpreters. Installing that,
// and what the kernel tells a wali-run that it has started this way.
#pragma once

#include <wasm/result.h>

#include <optional>
#include <string>
#include <string_view>

namespace cli {

// ---- --binfmt-install, --binfmt-status, --binfmt-remove ----------------------------------------------------------

struct BinfmtPlaces {
    std::string kernel = "/proc/sys/fs/binfmt_misc";
    std::string configuration = "/etc/binfmt.d";  // what systemd registers when the system starts
    std::string systemd = "/usr/lib/systemd/systemd-binfmt";
    bool may_mount = true;  // where nothing is mounted at `kernel` yet
};

struct BinfmtAnswer {
    std::string text;
    int status = 0;
};
// Each returns what to print, or why it could not be done.
wasm::Result<BinfmtAnswer> binfmt_install(const BinfmtPlaces& places);
wasm::Result<BinfmtAnswer> binfmt_status(const BinfmtPlaces& places);
wasm::Result<BinfmtAnswer> binfmt_remove(const BinfmtPlaces& places);

// The line that registers `interpreter`; nullopt if it has every character that could separate the fields.
std::optional<std::string> binfmt_line(std::string_view interpreter, std::string_view flags);

// Nothing of the system's is loaded beside this program.
bool is_static_program();

// ---- a run that the kernel has started ---------------------------------------------------------------------------

struct BinfmtRun {
    int fd = -1;               // of the module, already open; -1: to be opened by its path
    bool keeps_argv0 = false;  // its own name follows the module's path
};
// nullopt: started in the ordinary way.
std::optional<BinfmtRun> binfmt_run();

}  // namespace cli
