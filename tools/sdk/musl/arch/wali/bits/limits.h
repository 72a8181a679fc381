/* SPDX-License-Identifier: Apache-2.0
 * The page of mmap, not the 64 KiB page of WebAssembly. */
#define PAGESIZE 4096
