// SPDX-License-Identifier: Apache-2.0
// A freestanding Linux program over WALI imports, for the command line tests: guest WHAT [WORD…].
#include <stddef.h>

typedef long long word;
#define WALI(name) __attribute__((import_module("wali"), import_name(name)))
#define SYSCALL(name, ...) WALI("SYS_" #name) word sys_##name(__VA_ARGS__)
WALI("__cl_get_argc") int argc(void);
WALI("__cl_get_argv_len") int argv_length(int index);
WALI("__cl_copy_argv") int copy_argv(char *to, int index);
WALI("__get_init_envfile") int environment_file(char *path, int size);
SYSCALL(write, int fd, const void *from, int size);
SYSCALL(read, int fd, void *to, int size);
SYSCALL(open, const char *path, int flags, int mode);
SYSCALL(getcwd, char *to, int size);
SYSCALL(exit_group, int status);
SYSCALL(fork, void);
SYSCALL(getpid, void);
SYSCALL(kill, int pid, int signal);
SYSCALL(execve, const char *path, char **argv, char **envp);
SYSCALL(dup2, int from, int to);
SYSCALL(fcntl, int fd, int command, word argument);
SYSCALL(wait4, int pid, int *status, int options, void *usage);
SYSCALL(nosuchcall, int x);

static char arguments[8192], environment[65536];
static char *argv[64], *envp[512];
static int count;

static size_t length(const char *s) {
  size_t n = 0;
  while (s[n]) ++n;
  return n;
}
static int same(const char *a, const char *b) {
  while (*a && *a == *b) ++a, ++b;
  return *a == *b;
}
static void line(const char *s) {
  sys_write(1, s, (int)length(s));
  sys_write(1, "\n", 1);
}
static void read_arguments(void) {
  char *at = arguments;
  count = argc();
  for (int i = 0; i < count && i < 63; ++i) {
    argv[i] = at;
    copy_argv(at, i);
    at += argv_length(i) + 1;
  }
}
static void read_environment(void) {
  char path[1000];
  if (environment_file(path, sizeof path) == 0) return;
  int fd = (int)sys_open(path, 0, 0), n = 0;
  word size = sys_read(fd, environment, sizeof environment - 1);
  for (word i = 0, start = 0; i < size; ++i) {
    if (environment[i] != '\n') continue;
    environment[i] = 0;
    envp[n++] = environment + start;
    start = i + 1;
  }
}
static volatile int quotient;
__attribute__((noinline)) static void divide(int a) {
  volatile int zero = 0;
  quotient = a / zero;
}
// With | for zero bytes.
static void show_file(const char *path) {
  static char text[4096];
  word size = sys_read((int)sys_open(path, 0, 0), text, sizeof text - 1);
  for (word i = 0; i < size; ++i) {
    if (text[i] == 0) text[i] = '|';
  }
  text[size < 0 ? 0 : size] = 0;
  line(text);
}
static void act(const char *what) {
  if (same(what, "args")) {
    for (int i = 0; i < count; ++i) line(argv[i]);
  } else if (same(what, "env")) {
    for (int i = 0; envp[i]; ++i) line(envp[i]);
  } else if (same(what, "cwd")) {
    static char path[4096];
    sys_getcwd(path, sizeof path);
    line(path);
  } else if (same(what, "fds")) {
    static char list[64 * 3], *at = list;
    for (int fd = 0; fd < 64; ++fd) {
      if (sys_fcntl(fd, 1, 0) < 0) continue;
      if (at != list) *at++ = ' ';
      if (fd > 9) *at++ = (char)('0' + fd / 10);
      *at++ = (char)('0' + fd % 10);
    }
    line(list);
  } else if (same(what, "exec")) {
    sys_execve(argv[2], argv + 2, envp);
    line("execve failed");
  } else if (same(what, "missing")) {
    line(sys_nosuchcall(1) == -38 ? "ENOSYS" : "?");
    sys_nosuchcall(2);
  } else if (same(what, "spin-in-child")) {
    if (sys_fork() == 0) {
      for (volatile int i = 0;; ++i) {}
    }
  } else if (same(what, "stop")) {
    sys_kill((int)sys_getpid(), 19);
    line("continued");
    for (volatile int i = 0;; ++i) {}
  } else if (same(what, "stop-in-child")) {
    if (sys_fork() == 0) act("stop");
  } else if (same(what, "children")) {
    line(sys_wait4(-1, 0, 1, 0) == -10 ? "ECHILD" : "?");
  } else if (same(what, "look")) {
    show_file("/proc/self/comm");
    show_file("/proc/self/cmdline");
  } else if (same(what, "divide")) {
    divide(count);
  } else if (same(what, "kill")) {
    sys_kill((int)sys_getpid(), 15);
  } else if (same(what, "crash-with-file-on-stderr")) {
    sys_dup2((int)sys_open(argv[2], 01101, 0600), 2);
    divide(count);
  }
}

void _start(void) {
  read_arguments();
  read_environment();
  act(count > 1 ? argv[1] : "args");
  sys_exit_group(count);
}
