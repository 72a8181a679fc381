/* SPDX-License-Identifier: Apache-2.0
 * Between two notifications a thread that serves a timer would get its thread-local variables anew. The thread pointer
 * is one of them here: they stay. */
void __reset_tls(void) {
}
