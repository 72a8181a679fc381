/* SPDX-License-Identifier: Apache-2.0
 * Memory cannot be shared with the child: it is a fork. */
#define _GNU_SOURCE
#include <unistd.h>

pid_t vfork(void) {
    return _Fork();
}
