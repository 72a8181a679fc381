// SPDX-License-Identifier: Apache-2.0
// The data model of WALI, as assertions: it compiles or the SDK is wrong. Sizes and offsets of what crosses to the
// kernel are those that the runtime's wali/abi.h and the kernel have.
#define _GNU_SOURCE
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <ucontext.h>
#include <wchar.h>

#define SIZE(type, bytes)       static_assert(sizeof(type) == (bytes), "size of " #type)
#define ALIGN(type, bytes)      static_assert(alignof(type) == (bytes), "alignment of " #type)
#define AT(type, field, offset) static_assert(offsetof(type, field) == (offset), "offset of " #type "." #field)
#define VALUE(name, value)      static_assert((name) == (value), #name)

SIZE(char, 1);
SIZE(short, 2);
SIZE(int, 4);
SIZE(long, 8);
SIZE(long long, 8);
SIZE(void*, 4);
SIZE(float, 4);
SIZE(double, 8);
SIZE(long double, 16);
SIZE(_Bool, 1);
SIZE(__int128, 16);
ALIGN(int, 4);
ALIGN(long, 8);
ALIGN(long long, 8);
ALIGN(void*, 4);
ALIGN(double, 8);
ALIGN(long double, 16);
SIZE(size_t, 4);
SIZE(ssize_t, 4);
SIZE(ptrdiff_t, 4);
SIZE(intptr_t, 4);
SIZE(uintptr_t, 4);
SIZE(wchar_t, 4);
SIZE(intmax_t, 8);
SIZE(int64_t, 8);
SIZE(time_t, 8);
SIZE(off_t, 8);
SIZE(ino_t, 8);
SIZE(dev_t, 8);
SIZE(nlink_t, 8);
SIZE(mode_t, 4);
SIZE(uid_t, 4);
SIZE(gid_t, 4);
SIZE(pid_t, 4);
SIZE(id_t, 4);
SIZE(blksize_t, 8);
SIZE(blkcnt_t, 8);
SIZE(clock_t, 8);
SIZE(suseconds_t, 8);
SIZE(socklen_t, 4);
SIZE(nfds_t, 8);
SIZE(rlim_t, 8);
SIZE(sa_family_t, 2);
SIZE(pthread_t, 4);
SIZE(jmp_buf, 344);
SIZE(sigset_t, 128);
SIZE(fd_set, 128);
SIZE(cpu_set_t, 128);

#define IS_LONG(type) static_assert(_Generic((type)0, long: 1, default: 0), #type " is long, as on x86-64")
IS_LONG(int64_t);
IS_LONG(__INT64_TYPE__);
IS_LONG(int_least64_t);
IS_LONG(time_t);
IS_LONG(off_t);
IS_LONG(suseconds_t);
IS_LONG(blkcnt_t);
static_assert(_Generic((intmax_t)0, long long: 1, default: 0), "clang takes intmax_t to be long long");
static_assert(_Generic((uint64_t)0, unsigned long: 1, default: 0) && _Generic((rlim_t)0, unsigned long: 1, default: 0) &&
                  _Generic((ino_t)0, unsigned long: 1, default: 0) && _Generic((dev_t)0, unsigned long: 1, default: 0),
              "unsigned numbers of 64 bits are unsigned long");
static_assert(_Generic(INT64_C(1), long: 1, default: 0) && _Generic(UINT64_C(1), unsigned long: 1, default: 0) &&
                  _Generic(INT64_MAX, long: 1, default: 0) && _Generic(INTMAX_C(1), long long: 1, default: 0),
              "constants are of these types");

VALUE(CHAR_BIT, 8);
VALUE(INT_MAX, 2147483647);
VALUE(LONG_MAX, 9223372036854775807L);
VALUE(ULONG_MAX, ~0UL);
VALUE(SIZE_MAX, 4294967295U);
VALUE(SSIZE_MAX, INT_MAX);
VALUE(INTPTR_MAX, INT_MAX);
VALUE(PTRDIFF_MAX, INT_MAX);
VALUE(UINTPTR_MAX, UINT_MAX);
VALUE(INT64_MAX, LONG_MAX);
VALUE(LDBL_MANT_DIG, 113);
VALUE(PAGESIZE, 4096);
VALUE(SYS_read, 0);
VALUE(SYS_newfstatat, 262);
VALUE(SYS_fadvise64, 221);
VALUE(SYS_futex_waitv, 449);
VALUE(_NSIG, 65);
VALUE(SIGUSR1, 10);
VALUE(SA_RESTART, 0x10000000);
VALUE(SA_NODEFER, 0x40000000);
VALUE(MINSIGSTKSZ, 2048);
VALUE(SIGSTKSZ, 8192);
VALUE(O_CREAT, 0100);
VALUE(O_DIRECTORY, 0200000);
VALUE(O_CLOEXEC, 02000000);
VALUE(O_LARGEFILE, 0100000);
VALUE(F_GETLK, 5);
VALUE(F_SETLK, 6);
VALUE(F_SETLKW, 7);
VALUE(MAP_ANONYMOUS, 0x20);
VALUE(SO_RCVTIMEO, 20);
VALUE(SO_TIMESTAMP, 29);
VALUE((intptr_t)SIG_IGN, -2);

SIZE(struct timespec, 16);
AT(struct timespec, tv_nsec, 8);
SIZE(struct timeval, 16);
SIZE(struct itimerval, 32);
SIZE(struct itimerspec, 32);
SIZE(struct timex, 208);
SIZE(struct stat, 144);
AT(struct stat, st_nlink, 16);
AT(struct stat, st_mode, 24);
AT(struct stat, st_rdev, 40);
AT(struct stat, st_size, 48);
AT(struct stat, st_blksize, 56);
AT(struct stat, st_blocks, 64);
AT(struct stat, st_atim, 72);
AT(struct stat, st_mtim, 88);
AT(struct stat, st_ctim, 104);
SIZE(struct statfs, 120);
AT(struct statfs, f_fsid, 56);
AT(struct statfs, f_flags, 80);
SIZE(struct rusage, 272);
AT(struct rusage, ru_maxrss, 32);
AT(struct rusage, ru_nivcsw, 136);
SIZE(struct rlimit, 16);
SIZE(struct sysinfo, 368);
AT(struct sysinfo, procs, 80);
AT(struct sysinfo, mem_unit, 104);
SIZE(struct utsname, 390);
SIZE(struct dirent, 280);
AT(struct dirent, d_name, 19);
SIZE(struct pollfd, 8);
SIZE(struct epoll_event, 12);
AT(struct epoll_event, data, 4);
SIZE(struct flock, 32);
AT(struct flock, l_pid, 24);
SIZE(struct termios, 60);
AT(struct termios, c_cc, 17);
SIZE(struct winsize, 8);
SIZE(struct iovec, 8);
SIZE(struct sockaddr_storage, 128);
SIZE(struct sockaddr_un, 110);
SIZE(struct msghdr, 36);
AT(struct msghdr, msg_iov, 8);
AT(struct msghdr, msg_control, 20);
AT(struct msghdr, msg_flags, 32);
SIZE(struct cmsghdr, 16);
AT(struct cmsghdr, cmsg_level, 8);
static_assert(CMSG_SPACE(4) == 24 && CMSG_LEN(4) == 20, "control messages are aligned as in the kernel");
SIZE(stack_t, 12);
SIZE(siginfo_t, 128);
AT(siginfo_t, si_pid, 16);
AT(siginfo_t, si_value, 24);
AT(siginfo_t, si_status, 24);
AT(siginfo_t, si_utime, 32);
SIZE(ucontext_t, 920);
AT(ucontext_t, uc_stack, 12);
AT(ucontext_t, uc_mcontext, 24);
AT(ucontext_t, uc_sigmask, 280);
SIZE(struct ipc_perm, 48);
SIZE(struct msqid_ds, 120);
AT(struct msqid_ds, msg_qnum, 80);
SIZE(struct semid_ds, 104);
AT(struct semid_ds, sem_ctime, 64);
AT(struct semid_ds, sem_nsems, 80);
SIZE(struct seminfo, 40);
SIZE(struct shmid_ds, 112);
AT(struct shmid_ds, shm_atime, 56);
AT(struct shmid_ds, shm_nattch, 88);
SIZE(struct shminfo, 72);
SIZE(struct shm_info, 48);
SIZE(struct sigevent, 64);
AT(struct sigevent, sigev_signo, 4);

#if LONG_MAX != 0x7fffffffffffffff || UINTPTR_MAX != 0xffffffff || !defined(__linux__) || !defined(__wasm32__)
#error "the preprocessor has another data model than the compiler"
#endif

int main(void) {
    return 0;
}
