/* SPDX-License-Identifier: Apache-2.0
 * 32-bit pointers with a 64-bit long are none of the programming environments that POSIX has names for. */
