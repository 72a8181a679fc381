/* SPDX-License-Identifier: Apache-2.0
 * <sys/sem.h> calls __wali_semctl, with the four bytes of the last argument whatever its type: see bits/arguments.h.
 * semctl is for those who take its address. */
#include <stdarg.h>
#include <sys/sem.h>
#include "syscall.h"

#undef semctl

int __wali_semctl(int id, int number, int command, int argument) {
    return syscall(SYS_semctl, id, number, command, (unsigned)argument);
}

union semun {
    int val;
    void* pointer;
};

int semctl(int id, int number, int command, ...) {
    union semun argument = {0};
    va_list ap;
    va_start(ap, command);
    if (command != GETVAL && command != GETPID && command != GETNCNT && command != GETZCNT && command != IPC_RMID)
        argument = va_arg(ap, union semun);
    va_end(ap);
    return __wali_semctl(id, number, command, argument.val);
}
