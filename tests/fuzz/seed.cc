// SPDX-License-Identifier: Apache-2.0
// Writes the first input of the fuzz targets: seed FILE
#include "support/specimen.h"

#include <cstdio>

int main(int argc, char** argv) {
    std::FILE* file = argc == 2 ? std::fopen(argv[1], "wb") : nullptr;
    if (file == nullptr) {
        std::fputs("usage: seed FILE\n", stderr);
        return 2;
    }
    const wasm::test::Buffer bytes = wasm::test::specimen();
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    return std::fclose(file) == 0 && written ? 0 : 1;
}
