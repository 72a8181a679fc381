/* SPDX-License-Identifier: Apache-2.0
 * Asked for if the program has neither __main_argc_argv nor __main_void: then its main has three parameters. */
#include <features.h>
#include <unistd.h>

extern hidden int __wali_argc;
extern hidden char** __wali_argv;

int main_with_environment(int, char**, char**) __asm__("main");

int __main_void(void) {
    return main_with_environment(__wali_argc, __wali_argv, __environ);
}
