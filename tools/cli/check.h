// SPDX-License-Identifier: Apache-2.0
// --check: validates all of a module and says what it needs, without running any of it.
#pragma once

#include "module_file.h"
#include "options.h"

#include <string>

namespace cli {

// Prints to stdout, the reason why not to stderr; returns the exit status.
int check_module(const Options& options, const std::string& name, const ModuleBytes& module);

}  // namespace cli
