// SPDX-License-Identifier: Apache-2.0
// The wasm side of host_call.cc: a loop around an imported function, and the same loop without it.
__attribute__((import_module("host"), import_name("nothing"))) void nothing(void);

__attribute__((export_name("calls"))) void calls(int n) {
    for (; n > 0; --n) nothing();
}

volatile int sink;
__attribute__((export_name("loop"))) void loop(int n) {
    for (; n > 0; --n) sink = n;
}
