// SPDX-License-Identifier: Apache-2.0
// What Rust's standard library asks the system for and musl does not have: libwali-rust.a, linked into every Rust program.
#include <pthread.h>
#include <stdlib.h>
#include <unwind.h>

// A WebAssembly stack cannot be walked: a backtrace is empty.
_Unwind_Reason_Code _Unwind_Backtrace(_Unwind_Trace_Fn tell, void* argument) {
    (void)tell, (void)argument;
    return _URC_END_OF_STACK;
}

// Destructors of thread-local variables, run at the end of the thread, or of the program for the thread that ends it.
// std asks for this function as a weak symbol; without it, it does not run them at all on WebAssembly.
struct destructor {
    struct destructor* next;
    void (*function)(void*);
    void* object;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void run(void* list) {
    for (struct destructor *d = list, *next; d != 0; d = next) {
        next = d->next;
        d->function(d->object);
        free(d);
    }
}

// Running them can register more.
static void run_own(void) {
    for (void* list; (list = pthread_getspecific(key)) != 0; run(list)) pthread_setspecific(key, 0);
}

static void initialise(void) {
    if (pthread_key_create(&key, run) != 0) abort();
    atexit(run_own);
}

int __cxa_thread_atexit_impl(void (*function)(void*), void* object, void* module) {
    (void)module;
    pthread_once(&once, initialise);
    struct destructor* d = malloc(sizeof *d);
    if (d == 0) return -1;
    *d = (struct destructor){pthread_getspecific(key), function, object};
    return pthread_setspecific(key, d) == 0 ? 0 : -1;
}
