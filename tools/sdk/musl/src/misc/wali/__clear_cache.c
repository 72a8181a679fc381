/* SPDX-License-Identifier: Apache-2.0
 * Code is not in memory. */
void __clear_cache(void* begin, void* end) {
}
