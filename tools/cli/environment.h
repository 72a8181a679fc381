// SPDX-License-Identifier: Apache-2.0
// The guest's environment: what it inherits, then --env and --env-file in the order they were given.
#pragma once

#include "options.h"

#include <wasm/result.h>

#include <span>
#include <string>
#include <vector>

namespace cli {

// "K=V" strings. `host` is inherited first (empty for a guest that sees only what it is given). A later value of a
// variable replaces the earlier one in its place. The error names the file that cannot be read.
wasm::Result<std::vector<std::string>> make_environment(std::span<const char* const> host,
                                                        std::span<const EnvChange> changes);
// Sets one "K=V" in `environment`.
void set_variable(std::vector<std::string>& environment, std::string assignment);

}  // namespace cli
