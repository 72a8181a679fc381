/* SPDX-License-Identifier: Apache-2.0
 * What SYS_rt_sigaction takes: packed, with flags of eight bytes. */
#include <features.h>

struct k_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned mask[2];
} __attribute__((__packed__));

hidden void __restore(), __restore_rt();
