/* SPDX-License-Identifier: Apache-2.0
 * Cancellation without a program counter. A cancellation point sets __wali_cancel_point while it is in its system call
 * and looks for a request just after setting it, so a signal that comes later finds it set. An engine runs handlers
 * either before the call has had an effect, with the call to be made or to fail with EINTR, or after the point has
 * been left; so the handler may end the thread at once and nothing that the call did is lost.
 * The exception is PTHREAD_CANCEL_MASKED, where the call is to return: there the handler leaves it to EINTR, which is
 * why it is installed without SA_RESTART. */
#define _GNU_SOURCE
#include <string.h>
#include "pthread_impl.h"
#include "syscall.h"

hidden long __cancel(), __wali_cancel_enter(long), __wali_cancel_interrupted(long);

long __cancel() {
    pthread_t self = __pthread_self();
    __wali_cancel_point = 0;
    if (self->canceldisable == PTHREAD_CANCEL_ENABLE || self->cancelasync) pthread_exit(PTHREAD_CANCELED);
    self->canceldisable = PTHREAD_CANCEL_DISABLE;
    return -ECANCELED;
}

static int may_cancel(pthread_t self, long n) {
    int state = self->canceldisable;
    return state == PTHREAD_CANCEL_ENABLE || (state == PTHREAD_CANCEL_MASKED && n != SYS_close);
}

long __wali_cancel_enter(long n) {
    pthread_t self = __pthread_self();
    long before = __wali_cancel_point;
    int may = may_cancel(self, n);
    __wali_cancel_point = may;
    a_barrier();
    if (!may || !self->cancel) return before;
    long r = __cancel();
    __wali_cancel_point = before;
    return r;
}

long __wali_cancel_interrupted(long n) {
    pthread_t self = __pthread_self();
    if (n == SYS_close || !self->cancel || self->canceldisable == PTHREAD_CANCEL_DISABLE) return -EINTR;
    return __cancel();
}

static void cancel_handler(int sig) {
    pthread_t self = __pthread_self();
    a_barrier();
    if (!self->cancel) return;
    if (self->cancelasync ? self->canceldisable != PTHREAD_CANCEL_DISABLE
                          : __wali_cancel_point && self->canceldisable == PTHREAD_CANCEL_ENABLE)
        __cancel();
}

void __testcancel() {
    pthread_t self = __pthread_self();
    if (self->cancel && !self->canceldisable) __cancel();
}

static void init_cancellation() {
    struct sigaction sa = {.sa_handler = cancel_handler};
    __libc_sigaction(SIGCANCEL, &sa, 0);
}

int pthread_cancel(pthread_t t) {
    static int init;
    if (!init) {
        init_cancellation();
        init = 1;
    }
    a_store(&t->cancel, 1);
    if (t == pthread_self()) {
        if (t->canceldisable == PTHREAD_CANCEL_ENABLE && t->cancelasync) pthread_exit(PTHREAD_CANCELED);
        return 0;
    }
    /* It looks for a request when it allows cancellation again: no need to interrupt what it does. */
    if (t->canceldisable == PTHREAD_CANCEL_DISABLE) return 0;
    return pthread_kill(t, SIGCANCEL);
}
