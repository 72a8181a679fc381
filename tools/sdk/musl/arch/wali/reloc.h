/* SPDX-License-Identifier: Apache-2.0
 * There is no dynamic linker. */
#define LDSO_ARCH "wali"
