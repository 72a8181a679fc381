// SPDX-License-Identifier: Apache-2.0
// Prints what the libc knows of system calls, from wali/syscalls.def. A call is an import of its own name and type;
// there is no import "by number". Calls that the table lists as absent answer -ENOSYS here, without an import.
//   syscalls inline    wali_syscall(number, six arguments): the number is a constant, so one case is left of the switch
//   syscalls arguments how wide the arguments of each call are, for callers of syscall(2) that <unistd.h> could not
//   help syscalls numbers   the numbers, for <sys/syscall.h>: also those of absent calls
#include "wali/dispatch.h"
#include "wali/kinds.h"

#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace wali;

struct Import {
    int number;
    const char* name;
    std::string_view params;  // i or I each
};

const std::vector<Import> kImports = {
#define DIRECT(name, x86, arm, rv, category, restart, ...) {x86, #name, Kinds<__VA_ARGS__>::kParams},
#define CUSTOM                                             DIRECT
#define ABSENT(...)
#define ALIAS(...)
#define VIA(...)
#define OLDER(...)
#include "wali/syscalls.def"
};

struct Number {
    const char* name;
    int number;
};

const std::vector<Number> kNumbers = {
#define DIRECT(name, x86, ...) {#name, x86},
#define CUSTOM                 DIRECT
#define ABSENT                 DIRECT
#define ALIAS(...)
#define VIA(...)
#define OLDER(...)
#include "wali/syscalls.def"
};

// Other names of the same calls: {name, the name that has a number}.
const std::vector<std::pair<const char*, const char*>> kAliases = {
#define DIRECT(...)
#define CUSTOM(...)
#define ABSENT(...)
#define ALIAS(old, name) {#old, #name},
#define VIA(...)
#define OLDER(...)
#include "wali/syscalls.def"
};

const char* type_of(char param) { return param == 'I' ? "long long" : "int"; }

void print_prototypes() {
    for (const Import& import : kImports) {
        std::printf("__attribute__((__import_module__(\"wali\"), __import_name__(\"SYS_%s\")))\n", import.name);
        std::printf("long long __wali_sys_%s(", import.name);
        const char* separator = "";
        for (const char param : import.params) {
            std::printf("%s%s", separator, type_of(param));
            separator = ", ";
        }
        std::printf("%s);\n", import.params.empty() ? "void" : "");
    }
}

void print_inline() {
    std::puts("/* Generated from wali/syscalls.def. */");
    print_prototypes();
    std::puts("static inline __attribute__((__always_inline__))");
    std::puts("long wali_syscall(long n, long a0, long a1, long a2, long a3, long a4, long a5)\n{\n\tswitch (n) {");
    for (const Import& import : kImports) {
        std::printf("\tcase %d: return __wali_sys_%s(", import.number, import.name);
        for (size_t i = 0; i < import.params.size(); ++i) {
            std::printf("%s(%s)a%zu", i == 0 ? "" : ", ", type_of(import.params[i]), i);
        }
        std::puts(");");
    }
    std::puts("\t}\n\treturn -ENOSYS;\n}");
}

// A caller stores an int or a pointer in four bytes, a long in eight.
void print_arguments() {
    std::puts(
        "/* Generated from wali/syscalls.def: the number of arguments, and a bit for each that has eight bytes. */");
    std::puts("static const struct { unsigned char count, wide; } wali_arguments[] = {");
    for (const Import& import : kImports) {
        unsigned wide = 0;
        for (size_t i = 0; i < import.params.size(); ++i) wide |= static_cast<unsigned>(import.params[i] == 'I') << i;
        std::printf("\t[%d] = {%zu, %u},\n", import.number, import.params.size(), wide);
    }
    std::puts("};");
}

void print_numbers() {
    for (const Number& call : kNumbers) {
        if (call.number < 0) continue;
        std::printf("#define __NR_%s\t%d\n", call.name, call.number);
        for (const auto& [old, name] : kAliases) {
            if (std::strcmp(name, call.name) == 0) std::printf("#define __NR_%s\t%d\n", old, call.number);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const char* what = argc == 2 ? argv[1] : "";
    if (std::strcmp(what, "inline") == 0) {
        print_inline();
    } else if (std::strcmp(what, "arguments") == 0) {
        print_arguments();
    } else if (std::strcmp(what, "numbers") == 0) {
        print_numbers();
    } else {
        std::fputs("usage: syscalls inline|arguments|numbers\n", stderr);
        return 2;
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
