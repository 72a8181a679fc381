/* SPDX-License-Identifier: Apache-2.0
 * From the engine's start-up calls to what the kernel gives a native program: one block of arguments, environment and
 * auxiliary vector. From there on start-up is musl's. */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "atomic.h"
#include "libc.h"
#include "syscall.h"
#include "kstat.h"

#define WALI(name) __attribute__((__import_module__("wali"), __import_name__(#name))) name
int WALI(__init)(void);
_Noreturn void WALI(__proc_exit)(int);
int WALI(__cl_get_argc)(void);
int WALI(__cl_get_argv_len)(int);
int WALI(__cl_copy_argv)(char*, int);
int WALI(__get_init_envfile)(char*, int);

void __wasm_call_ctors(void);
int __libc_start_main(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)());

/* For engines that grow memory through the module. */
__attribute__((__export_name__("__wasm_memory_grow"))) int __wasm_memory_grow(int pages) {
    return __builtin_wasm_memory_grow(0, pages);
}

__attribute__((__export_name__("__wasm_memory_size"))) int __wasm_memory_size(void) {
    return __builtin_wasm_memory_size(0);
}

enum { PAGE = 4096, AUX_WORDS = 8, RANDOM_BYTES = 16 };
/* Codes of __proc_exit that upstream's start-up uses. */
enum { FAILED_STARTUP = 257, FAILED_ENV_READ = 259 };

struct envfile {
    int fd; /* -1: no environment */
    size_t size;
};

static struct envfile open_envfile(void) {
    struct envfile file = {-1, 0};
    char path[PATH_MAX];
    struct kstat st;
    if (!__get_init_envfile(path, sizeof path)) return file;
    file.fd = __syscall(SYS_open, path, O_RDONLY | O_CLOEXEC);
    if (file.fd < 0) return file;
    if (__syscall(SYS_fstat, file.fd, &st)) __proc_exit(FAILED_ENV_READ);
    file.size = st.st_size;
    return file;
}

/* Reads the file to `text` and closes it. */
static size_t read_envfile(struct envfile file, char* text) {
    size_t have = 0;
    while (have < file.size) {
        long n = __syscall(SYS_read, file.fd, text + have, file.size - have);
        if (n < 0) __proc_exit(FAILED_ENV_READ);
        if (n == 0) break;
        have += n;
    }
    __syscall(SYS_close, file.fd);
    return have;
}

/* \1n is a newline, \1\1 the byte 1. */
static void unescape(char* text) {
    char* out = text;
    for (; *text; text++) {
        if (*text == 1 && text[1])
            *out++ = *++text == 'n' ? '\n' : *text;
        else
            *out++ = *text;
    }
    *out = 0;
}

/* Makes strings of NAME=VALUE lines. Behind a zero byte at the beginning of a line they end in zero bytes instead and
 * newlines are escaped. With `list`, stores where they begin. Returns how many there are. */
static size_t split_environment(char* text, size_t size, char** list) {
    size_t count = 0, begin = 0;
    char separator = '\n';
    for (size_t i = 0; i <= size; i++) {
        if (i < size && text[i] && text[i] != separator) continue;
        if (i < size && !text[i] && i == begin) separator = 0;
        if (i > begin) {
            if (list) {
                text[i] = 0;
                list[count] = text + begin;
                if (!separator) unescape(list[count]);
            }
            count++;
        }
        begin = i + 1;
    }
    return count;
}

static void* get_memory(size_t size) {
    long r = __syscall(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r < 0) __proc_exit(FAILED_STARTUP);
    return (void*)(uintptr_t)r;
}

static void add_auxiliary(size_t* aux, unsigned char* random) {
    *aux++ = AT_PAGESZ;
    *aux++ = PAGE;
    if (__syscall(SYS_getrandom, random, RANDOM_BYTES, 0) == RANDOM_BYTES) {
        *aux++ = AT_RANDOM;
        *aux++ = (size_t)random;
    }
    *aux++ = AT_NULL;
    *aux++ = 0;
}

/* The block: argv, NULL, environ, NULL, auxiliary vector, random bytes, the texts. */
static char** make_block(int argc) {
    struct envfile file = open_envfile();
    char *environment = 0, *text;
    char **argv, **next;
    size_t env_bytes = 0, variables = 0, arg_bytes = 0;
    if (file.fd >= 0) {
        environment = get_memory(file.size + 1);
        env_bytes = read_envfile(file, environment);
        variables = split_environment(environment, env_bytes, 0);
    }
    for (int i = 0; i < argc; i++) arg_bytes += __cl_get_argv_len(i) + 1;

    next = argv =
        get_memory((argc + variables + 2) * sizeof *argv + AUX_WORDS * sizeof(size_t) + RANDOM_BYTES + arg_bytes);
    text = (char*)(argv + argc + variables + 2) + AUX_WORDS * sizeof(size_t) + RANDOM_BYTES;
    for (int i = 0; i < argc; i++) {
        *next++ = text;
        __cl_copy_argv(text, i);
        text += __cl_get_argv_len(i) + 1;
    }
    *next++ = 0;
    if (environment) next += split_environment(environment, env_bytes, next);
    *next++ = 0;
    add_auxiliary((size_t*)next, (unsigned char*)next + AUX_WORDS * sizeof(size_t));
    return argv;
}

void __libc_start_init(void) {
    __wasm_call_ctors();
}

static void nothing() {
}

/* For a main with three parameters: see __main_void.c. */
hidden int __wali_argc;
hidden char** __wali_argv;

_Noreturn void __wali_start(int (*main)(int, char**, char**)) {
    static volatile int started;
    if (a_swap(&started, 1)) a_crash();
    int failed = __init();
    if (failed) __proc_exit(failed);
    __wali_argc = __cl_get_argc();
    __wali_argv = make_block(__wali_argc);
    __libc_start_main(main, __wali_argc, __wali_argv, nothing, nothing, nothing);
    for (;;) a_crash();
}
