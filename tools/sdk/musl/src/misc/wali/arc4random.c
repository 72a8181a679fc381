/* SPDX-License-Identifier: Apache-2.0
 * Random numbers of the kernel. */
#define _BSD_SOURCE
#include <stdlib.h>
#include <sys/random.h>

void arc4random_buf(void* to, size_t size) {
    for (char* at = to; size;) {
        ssize_t n = getrandom(at, size, 0);
        if (n < 0) continue; /* a signal */
        at += n;
        size -= n;
    }
}

unsigned arc4random(void) {
    unsigned number;
    arc4random_buf(&number, sizeof number);
    return number;
}

/* Below `limit`, each number as often as any other. */
unsigned arc4random_uniform(unsigned limit) {
    unsigned number, least = limit ? -limit % limit : 0;
    do number = arc4random();
    while (number < least);
    return limit ? number % limit : 0;
}
