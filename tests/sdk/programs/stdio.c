// SPDX-License-Identifier: Apache-2.0
// Standard input and output: long double, buffers, positions, wide streams, streams in memory, and what is written when a
// process ends in one of its ways.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

// Values that long double of either machine has exactly.
static void long_double(void) {
    long double x = 0, y = 0;
    int used = 0;
    printf("%Lf %.0Lf %Le %LG %.30Lg\n", 1234.5L, 2.5L, 0x1p-100L, 1e20L, 0.1015625L);
    printf("%+.2Lf|%012.3Lf|%-12.1Lf|% Lg|%#Lg\n", -1.005859375L, 3.5L, 7.25L, 8.0L, 1.0L);
    printf("%Lf %Lf %LF %d\n", (long double)INFINITY, -(long double)INFINITY, (long double)NAN > 0 ? 1.0L : 0.0L,
           isnan((long double)NAN));
    printf("%.5Lf %.40Lf\n", 0x1p63L + 1, 0x1p-60L);
    printf("%d %Lg %Lg %d\n", sscanf("1e4000 -0x1.8p3tail", "%Lf %Lf%n", &x, &y, &used), x / 1e3999L, y, used);
    printf("%.20Lg %.20Lg %.10Lg\n", strtold("0.5", 0), strtold("1e-4000", 0) * 1e3999L * 10, strtold("nan", 0) == 0 ? 1.0L : 2.0L);
    printf("%.10Lf %.10Lf %.10Lf %.10Lf\n", sqrtl(2), expl(1), logl(10), powl(3, 0.5L));
    printf("%.10Lf %.10Lf %.10Lf %ld\n", fmodl(10.5L, 3), atan2l(1, 2), cbrtl(10), lroundl(2.5L));
    printf("%.3Lf %.3Lf %.3Lf\n", floorl(-2.5L), nearbyintl(3.5L), ldexpl(0.75L, 10));
    char text[64];
    snprintf(text, sizeof text, "%.3Lf", 1.0L / 3);
    printf("%s %d\n", text, snprintf(0, 0, "%Lf", 12345.0L));
}

static void positions(void) {
    FILE* f = fopen("positions", "w+");
    char text[32] = {0};
    fpos_t here;
    for (int i = 0; i < 2000; i++) fprintf(f, "%05d\n", i);
    printf("%ld %d\n", ftell(f), fseek(f, 6 * 1500, SEEK_SET));
    fgetpos(f, &here);
    printf("%s", fgets(text, sizeof text, f));
    printf("%c%c", ungetc('!', f), fgetc(f));
    fsetpos(f, &here);
    printf(" %d %d\n", fscanf(f, "%4s", text), atoi(text));
    fseek(f, -6, SEEK_END);
    fputs("xxxxx", f);
    rewind(f);
    printf("%zu %zu %d %d\n", fread(text, 6, 3, f), fread(text, 1, 0, f), feof(f), ferror(f));
    fseek(f, 0, SEEK_END);
    printf("%d %d %d\n", fgetc(f), feof(f) != 0, fseek(f, -1, SEEK_SET));
    f = freopen("positions", "r", f);
    printf("%d %d\n", fputc('x', f), ferror(f) != 0);
    clearerr(f);
    ssize_t n = 0;
    size_t size = 0;
    char* line = 0;
    for (int lines = 0; (n = getline(&line, &size, f)) > 0; lines++)
        if (lines == 1999) printf("last %s", line);
    free(line);
    printf("%d %d\n", fclose(f), fopen("absent/file", "r") == 0 && errno == ENOENT);
}

static void buffers(void) {
    static char buffer[1024];
    int fds[2];
    char text[64];
    pipe(fds);
    FILE* f = fdopen(fds[1], "w");
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    setvbuf(f, buffer, _IOFBF, sizeof buffer);
    fputs("short", f);
    printf("full: %zd", read(fds[0], text, sizeof text));
    fflush(f);
    printf(" %zd\n", read(fds[0], text, sizeof text));
    fclose(f);
    pipe(fds);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    f = fdopen(fds[1], "w");
    setvbuf(f, 0, _IOLBF, BUFSIZ);
    fputs("line", f);
    ssize_t before = read(fds[0], text, sizeof text);
    fputc('\n', f);
    printf("line: %zd", before);
    printf(" %zd\n", read(fds[0], text, sizeof text));
    fclose(f);
    f = fdopen(dup(fds[0]), "r");
    printf("%d %d\n", fgetc(f), feof(f) != 0);
    fclose(f);
    f = tmpfile();
    setvbuf(f, 0, _IONBF, 0);
    fputs("unbuffered", f);
    printf("%d %zd\n", fileno(f) > 2, pread(fileno(f), text, sizeof text, 0));
    fclose(f);
    close(fds[0]);
}

static void in_memory_and_wide(void) {
    char text[32] = "12 words here";
    char* made = 0;
    size_t size = 0;
    int n;
    FILE* f = fmemopen(text, strlen(text), "r");
    printf("%d %d\n", fscanf(f, "%d", &n), n);
    fclose(f);
    f = open_memstream(&made, &size);
    for (int i = 0; i < 5000; i++) fprintf(f, "%d,", i);
    fclose(f);
    printf("%zu %.10s\n", size, made);
    free(made);
    f = fopen("wide", "w+");
    fwprintf(f, L"%ls %lc %d\n", L"wide", L'c', 7);
    rewind(f);
    wchar_t wide[32];
    printf("%d %d %d\n", fgetws(wide, 32, f) == wide, (int)wcslen(wide), fwide(f, 0) > 0);
    fclose(f);
    dprintf(1, "direct %s\n", "output");
}

static void in_a_child(const char* what, void (*ends)(void)) {
    fflush(0);
    pid_t pid = fork();
    if (pid == 0) {
        printf("written, ");
        ends();
    }
    int status;
    waitpid(pid, &status, 0);
    printf("%s: %d %d\n", what, WEXITSTATUS(status), WTERMSIG(status));
}

static void says(void) {
    printf("handler, ");
}
static void exits(void) {
    atexit(says);
    exit(1);
}
static void leaves(void) {
    _exit(2);
}
static void leaves_quickly(void) {
    at_quick_exit(says);
    quick_exit(3);
}
static void aborts(void) {
    abort();
}
static void* exits_from_a_thread(void* unused) {
    exit(4);
    return unused;
}
static void thread_exits(void) {
    pthread_t t;
    pthread_create(&t, 0, exits_from_a_thread, 0);
    for (;;) pause();
}
static void* last_of_all(void* unused) {
    usleep(2000);
    printf("last thread, ");
    return unused;
}
static void main_thread_ends_first(void) {
    pthread_t t;
    pthread_create(&t, 0, last_of_all, 0);
    pthread_exit(0);
}
static void executes(void) {
    execl("/bin/sh", "sh", "-c", "exit 5", (char*)0);
}

int main(void) {
    long_double();
    fflush(stdout);
    positions();
    buffers();
    fflush(stdout);
    in_memory_and_wide();
    in_a_child("exit", exits);
    in_a_child("_exit", leaves);
    in_a_child("quick_exit", leaves_quickly);
    in_a_child("abort", aborts);
    in_a_child("exit of a thread", thread_exits);
    in_a_child("the last thread", main_thread_ends_first);
    in_a_child("exec", executes);
    printf("without a newline at the end");
    return 0;
}
