// SPDX-License-Identifier: Apache-2.0
// Runs one script in a process of its own, so that a crash or an endless loop costs one file and is reported as such.
#pragma once

#include "skips.h"

#include <wasm/store.h>

#include <cstdint>
#include <string>
#include <vector>

namespace spec {

struct Tally {
    uint32_t passed = 0;             // assertions
    uint32_t failed = 0;             // assertions and other commands
    uint32_t skipped = 0;            // assertions listed in skips.txt
    uint32_t text_only = 0;          // assertions about the text format
    uint32_t unexpected_passes = 0;  // entries of skips.txt of which nothing fails any more
    Tally& operator+=(const Tally& other);
};

struct RunOptions {
    wasm::StoreOptions store;
    uint32_t hang_seconds = 300;  // no verdict depends on it: a run that long is reported as a hang
    uint32_t shown_failures = 5;  // per file
};

struct FileReport {
    Tally tally;
    std::vector<std::string> remarks;  // one line each
};

// `name`: the script's path in the suite, e.g. "legacy/throw.wast".
FileReport run_file(const std::string& path,
                    const std::string& name,
                    const std::vector<Skip>& skips,
                    const RunOptions& options);

}  // namespace spec
