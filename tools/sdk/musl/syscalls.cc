// SPDX-License-Identifier: Apache-2.0
// Prints the C code through which the libc makes system calls, from wali/syscalls.def. A call is an import of its own
// name and type; there is no import "by number". Calls that the table lists as absent answer -ENOSYS here, without an
// import.
//   syscalls inline    wali_syscall(number, six arguments): the number is a constant, so one case is left of the switch
//   syscalls variadic  the same for syscall(2), whose number is known at run time and whose arguments lie in a va_list
#include "wali/dispatch.h"
#include "wali/kinds.h"

#include <cstdio>
#include <cstring>
#include <string_view>
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

// Each argument is read as what its parameter is: a caller stores an int or a pointer in four bytes, a long in eight.
void print_variadic() {
    std::puts("/* Generated from wali/syscalls.def. */");
    std::puts("static long wali_syscall_va(long n, va_list ap)\n{\n\tswitch (n) {");
    for (const Import& import : kImports) {
        std::printf("\tcase %d: {\n", import.number);
        for (size_t i = 0; i < import.params.size(); ++i) {
            const char* type = type_of(import.params[i]);
            std::printf("\t\t%s a%zu = va_arg(ap, %s);\n", type, i, type);
        }
        std::printf("\t\treturn __wali_sys_%s(", import.name);
        for (size_t i = 0; i < import.params.size(); ++i) std::printf("%sa%zu", i == 0 ? "" : ", ", i);
        std::puts(");\n\t}");
    }
    std::puts("\t}\n\treturn -ENOSYS;\n}");
}

}  // namespace

int main(int argc, char** argv) {
    const char* what = argc == 2 ? argv[1] : "";
    if (std::strcmp(what, "inline") == 0) {
        print_inline();
    } else if (std::strcmp(what, "variadic") == 0) {
        print_variadic();
    } else {
        std::fputs("usage: syscalls inline|variadic\n", stderr);
        return 2;
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
