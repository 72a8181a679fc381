/* SPDX-License-Identifier: Apache-2.0
 * Functions without a prototype for their last arguments, which others have in registers: there an int, a long and a
 * pointer are the same to the function that is called. Here each is stored as wide as it is, so they are converted
 * where the call is made. Included by the headers that declare these functions, each for its part.
 * In C they are macros: a member of a structure that is called `syscall` needs an #undef before it. */
#if defined(__NEED_wali_syscall) && !defined(__DEFINED_wali_syscall)
#define __DEFINED_wali_syscall
#ifdef __cplusplus
extern "C" long __wali_syscall(long, long, long, long, long, long, long);
extern "C++" {
inline long __wali_syscall_padded(
    long __n, long __a, long __b = 0, long __c = 0, long __d = 0, long __e = 0, long __f = 0) {
    return __wali_syscall(__n, __a, __b, __c, __d, __e, __f);
}
template <class _First, class... _Others>
inline long syscall(long __n, _First __first, _Others... __others) {
    return __wali_syscall_padded(__n, (long)__first, (long)__others...);
}
}
#elif !defined(syscall)
long __wali_syscall(long, long, long, long, long, long, long);
#define syscall(...) __wali_syscall_padded(__VA_ARGS__, 0L, 0L, 0L, 0L, 0L, 0L, 0L)
#define __wali_syscall_padded(n, a, b, c, d, e, f, ...) \
    __wali_syscall((long)(n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#endif
#endif

/* The last argument is a union semun by the book, and a pointer or a number in most programs: four bytes either way. */
#if defined(__NEED_wali_semctl) && !defined(__DEFINED_wali_semctl)
#define __DEFINED_wali_semctl
#ifdef __cplusplus
extern "C" int __wali_semctl(int, int, int, int);
extern "C++" {
template <class _Argument>
inline int semctl(int __id, int __number, int __command, _Argument __argument) {
    int __word = 0;
    __builtin_memcpy(&__word, &__argument, sizeof __argument < sizeof __word ? sizeof __argument : sizeof __word);
    return __wali_semctl(__id, __number, __command, __word);
}
}
#else
int __wali_semctl(int, int, int, int);
#define semctl(id, number, ...) __wali_semctl_padded(id, number, __VA_ARGS__, 0, 0)
#define __wali_semctl_padded(id, number, command, argument, ...)                                               \
    __wali_semctl(id, number, command, __extension__({                                                         \
                      __auto_type __argument = (argument);                                                     \
                      int __word = 0;                                                                          \
                      __builtin_memcpy(&__word, &__argument,                                                   \
                                       sizeof __argument < sizeof __word ? sizeof __argument : sizeof __word); \
                      __word;                                                                                  \
                  }))
#endif
#endif

#undef __NEED_wali_syscall
#undef __NEED_wali_semctl
