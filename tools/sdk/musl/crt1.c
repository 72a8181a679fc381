/* SPDX-License-Identifier: Apache-2.0
 * The object that is linked into every program. All else is in the library and comes if it is needed. */

/* wali-ld leaves this many bytes at address 0 unused; the engine makes them inaccessible. */
__asm__(
    ".section .custom_section.wali.null_page,\"\",@\n"
    ".int32 65536\n"
    ".text\n");

_Noreturn void __wali_start(int (*)(int, char**, char**));
int __main_argc_argv(int, char**);

static int call_main(int argc, char** argv, char** environment) {
    return __main_argc_argv(argc, argv);
}

_Noreturn void _start(void) {
    __wali_start(call_main);
}
