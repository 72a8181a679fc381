// SPDX-License-Identifier: Apache-2.0
// What a trace has to show, as a freestanding Linux program over WALI imports: guest WHAT, with WHAT one letter.
typedef long long word;
#define WALI(name) __attribute__((import_module("wali"), import_name(name)))
#define SYSCALL(name, ...) WALI("SYS_" #name) word sys_##name(__VA_ARGS__)
WALI("__cl_copy_argv") int copy_argv(char *to, int index);
WALI("__wasm_thread_spawn") int thread_spawn(void (*entry)(int tid, void *arg), void *arg);
SYSCALL(write, int fd, const void *from, int size);
SYSCALL(read, int fd, void *to, int size);
SYSCALL(openat, int dir, const char *path, int flags, int mode);
SYSCALL(newfstatat, int dir, const char *path, void *to, int flags);
SYSCALL(fcntl, int fd, int command, word argument);
SYSCALL(ioctl, int fd, int request, void *argument);
SYSCALL(writev, int fd, const void *vectors, int count);
SYSCALL(poll, void *fds, word count, int milliseconds);
SYSCALL(mmap, void *at, int size, int protection, int flags, int fd, word offset);
SYSCALL(munmap, void *at, int size);
SYSCALL(rt_sigprocmask, int how, const void *set, void *old, int size);
SYSCALL(rt_sigaction, int signal, const void *action, void *old, int size);
SYSCALL(nanosleep, const void *request, void *rest);
SYSCALL(socket, int domain, int type, int protocol);
SYSCALL(setsockopt, int fd, int level, int option, const void *value, int length);
SYSCALL(bind, int fd, const void *address, int length);
SYSCALL(setrlimit, int resource, const void *limit);
SYSCALL(exit_group, int status);
SYSCALL(fork, void);
SYSCALL(wait4, int pid, void *status, int options, void *usage);
SYSCALL(getpid, void);
SYSCALL(kill, int pid, int signal);
SYSCALL(pipe2, int *fds, int flags);
SYSCALL(dup3, int from, int to, int flags);
SYSCALL(execve, const char *path, const char *const *argv, const char *const *envp);
SYSCALL(ptrace, word request, word pid, word at, word data);
SYSCALL(nosuchcall, int x);
SYSCALL(futex, int *at, int op, int value, void *timeout, int *at2, int value3);

static char text[] = "text\n\x01"
                     "1\x7f\"";
static char buffer[256];
static int number;
static const char *const no_words[] = {0};
#define BAD ((void *)0x70000000)

static void kinds(void) {
  sys_write(1, text, 9);
  sys_openat(-100, "file", 0x80000 | 0100 | 02, 0640);
  sys_newfstatat(-100, "file", buffer, 0x100);
  sys_newfstatat(3, "absent", buffer, 0);
  sys_fcntl(3, 4, 04000);
  sys_fcntl(3, 1, 0);
  sys_fcntl(3, 5, (word)(long)buffer);
  sys_ioctl(3, 0x541B, &number);
  sys_ioctl(3, 0x12345678, &number);
  struct {
    const char *base;
    int length;
  } vectors[2] = {{"ab", 2}, {"c", 1}};
  sys_writev(3, vectors, 2);
  struct {
    int fd;
    short events, revents;
  } polled = {3, 1, 0};
  sys_poll(&polled, 1, -1);
  sys_mmap(0, 65536, 3, 0x22, -1, 0);
  word set = 1 << 1 | 1 << 14;
  sys_rt_sigprocmask(0, &set, buffer, 8);
  struct __attribute__((packed)) {
    int handler;
    word flags;
    int restorer;
    word mask;
  } action = {-2, 0x10000000, 0, 4};
  sys_rt_sigaction(10, &action, 0, 8);
  word time[2] = {0, 1000};
  sys_nanosleep(time, 0);
  int on = 1;
  sys_socket(2, 1 | 0x80000, 0);
  sys_setsockopt(4, 1, 2, &on, 4);
  unsigned char address[16] = {2, 0, 0, 0, 127, 0, 0, 1};
  sys_bind(4, address, 16);
  word limit[2] = {2048, 1024};
  sys_setrlimit(4, limit);
  sys_wait4(-1, &number, 1, 0);
  sys_ptrace(0, 0x1234, 0, 0);
  sys_nosuchcall(7);
}

static void bad_pointers(void) {
  sys_write(1, BAD, 5);
  sys_read(0, BAD, 5);
  sys_openat(-100, BAD, 0, 0);
  sys_newfstatat(-100, ".", BAD, 0);
  sys_writev(1, BAD, 2);
  sys_poll(BAD, 3, 0);
  sys_nanosleep(BAD, 0);
  sys_rt_sigprocmask(0, BAD, 0, 8);
  sys_setsockopt(1, 1, 2, BAD, 4);
  sys_bind(1, BAD, 16);
  sys_execve("/bin/true", BAD, 0);
  sys_fcntl(1, 5, (word)(long)BAD);
  struct {
    const char *base;
    int length;
  } vectors[1] = {{BAD, 4}};
  sys_writev(1, vectors, 1);
}

static void handler(int signal) { sys_write(1, "handler\n", 8); }

static void processes(void) {
  sys_pipe2((int *)buffer, 0);
  if (sys_fork() == 0) {
    sys_write(((int *)buffer)[1], "x", 1);
    sys_exit_group(3);
  }
  sys_read(((int *)buffer)[0], text, 1);
  sys_wait4(-1, &number, 0, 0);
  if (sys_fork() == 0) sys_kill((int)sys_getpid(), 9);
  sys_wait4(-1, &number, 0, 0);
}

static void signals(void) {
  struct __attribute__((packed)) {
    void (*handler)(int);
    word flags;
    int restorer;
    word mask;
  } action = {handler, 0, 0, 0};
  sys_rt_sigaction(12, &action, 0, 8);
  sys_kill((int)sys_getpid(), 12);
}

static void thread(int tid, void *arg) {
  sys_write(1, "thread\n", 7);
  __atomic_store_n(&number, 1, __ATOMIC_SEQ_CST);
  sys_futex(&number, 1, 1, 0, 0, 0);
}

static void other_program(void) {
  static const char *const self[] = {"again", 0}, *const echo[] = {"echo", "native", 0};
  if (sys_fork() == 0) {
    int null = (int)sys_openat(-100, "/dev/null", 2, 0);
    sys_dup3(null, 2, 0);  // the trace does not follow descriptor 2
    sys_execve("g.wasm", self, no_words);
  }
  sys_wait4(-1, &number, 0, 0);
  if (sys_fork() == 0) sys_execve("/bin/echo", echo, no_words);
  sys_wait4(-1, &number, 0, 0);
}

void _start(void) {
  copy_argv(buffer, 0);
  if (buffer[0] == 'a') sys_exit_group(4);
  copy_argv(buffer, 1);
  switch (buffer[0]) {
    case 'k': kinds(); break;
    case 'b': bad_pointers(); break;
    case 'p': processes(); break;
    case 's': signals(); break;
    case 'o': other_program(); break;
    case 't':
      thread_spawn(thread, 0);
      while (__atomic_load_n(&number, __ATOMIC_SEQ_CST) == 0) sys_futex(&number, 0, 0, 0, 0, 0);
      break;
    case 'd': sys_kill((int)sys_getpid(), 15); break;
    default: break;
  }
}
