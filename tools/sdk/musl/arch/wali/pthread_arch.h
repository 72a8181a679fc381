/* SPDX-License-Identifier: Apache-2.0
 * The thread pointer is a thread-local variable: the engine knows only __tls_base. */
extern hidden _Thread_local uintptr_t __wali_thread_pointer;

static inline uintptr_t __get_tp() { return __wali_thread_pointer; }

/* Ends the calling thread, as the last thing that it does with its stack, and wakes who waits for `state` to change. */
hidden _Noreturn void __wali_exit_thread(volatile int* state);
hidden unsigned char* __wali_take_stack(size_t size, size_t guard);
hidden void __wali_keep_stack(unsigned char* map, size_t size, size_t guard);
