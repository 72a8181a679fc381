// SPDX-License-Identifier: Apache-2.0
// The frame of these programs: `program NAME` runs the section of that name; each prints what a C++ library does, in
// words that do not depend on the library, so that two builds can be compared.
#pragma once

#include <cstdio>
#include <map>
#include <string>

using Sections = std::map<std::string, void (*)()>;

inline int run_section(const Sections& sections, int argc, char** argv) {
    const auto found = argc == 2 ? sections.find(argv[1]) : sections.end();
    if (found == sections.end()) {
        std::fprintf(stderr, "usage: %s SECTION\n", argv[0]);
        return 2;
    }
    found->second();
    return 0;
}
