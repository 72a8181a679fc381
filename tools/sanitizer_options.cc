// SPDX-License-Identifier: Apache-2.0
// Only in sanitizer builds: fault signals belong to the program (guests handle, ignore and inherit them), so
// AddressSanitizer leaves them alone. In the program itself, because a guest's execve does not hand on ASAN_OPTIONS.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0";
}
