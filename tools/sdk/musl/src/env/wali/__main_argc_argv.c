/* SPDX-License-Identifier: Apache-2.0
 * The compiler names main after its parameters: __main_argc_argv, which start-up calls, __main_void, or main when it
 * takes the environment too. The linker asks this file for the first if the program does not have it. */
int __main_void(void);

__attribute__((__weak__)) int __main_argc_argv(int argc, char** argv) {
    return __main_void();
}
