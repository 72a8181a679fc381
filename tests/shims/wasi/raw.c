// SPDX-License-Identifier: Apache-2.0
// The calls themselves, with arguments no libc would pass. Each line: call, errno; raw.txt says what is right.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

#define SHOW(...) printf("%s: %d\n", #__VA_ARGS__, (int)(__VA_ARGS__))
// Addresses around the end of memory, whose size is known only at run time.
#define END ((uint8_t *)(__builtin_wasm_memory_size(0) * 65536))
#define TOP ((void *)-4)

static __wasi_size_t n;
static __wasi_timestamp_t t;
static __wasi_filesize_t at;
static __wasi_fdstat_t stat;
static __wasi_prestat_t pre;
static char byte;

static void descriptors(void) {
  __wasi_iovec_t in = {(uint8_t *)&byte, 1};
  __wasi_ciovec_t none = {(const uint8_t *)&byte, 0};
  SHOW(__wasi_fd_read(3, &in, 1, &n));
  SHOW(__wasi_fd_read(-1, &in, 1, &n));
  SHOW(__wasi_fd_write(3, &none, 1, &n));
  SHOW(__wasi_fd_write(1, &none, 1, &n));
  SHOW(__wasi_fd_write(1, &none, 0, &n));
  SHOW(__wasi_fd_close(3));
  SHOW(__wasi_fd_fdstat_get(3, &stat));
  SHOW(__wasi_fd_fdstat_get(0, &stat));
  printf("rights to read and write: %d %d\n", (stat.fs_rights_base & __WASI_RIGHTS_FD_READ) != 0,
         (stat.fs_rights_base & __WASI_RIGHTS_FD_WRITE) != 0);
  SHOW(__wasi_fd_prestat_get(3, &pre));
  SHOW(__wasi_fd_prestat_dir_name(3, (uint8_t *)&byte, 1));
  SHOW(__wasi_fd_seek(0, 0, 9, &at));
  SHOW(__wasi_fd_seek(3, 0, __WASI_WHENCE_SET, &at));
  SHOW(__wasi_fd_tell(0, &at));
}

static void addresses(void) {
  __wasi_iovec_t beyond = {END, 1}, wraps = {TOP, 0xFFFFFFFF}, across = {END - 1, 2}, last = {END - 1, 1};
  SHOW(__wasi_fd_read(0, &beyond, 1, &n));
  SHOW(__wasi_fd_read(0, &wraps, 1, &n));
  SHOW(__wasi_fd_read(0, &across, 1, &n));
  SHOW(__wasi_fd_read(0, &last, 1, &n));
  SHOW(__wasi_fd_read(0, (void *)(END - 4), 1, &n));
  SHOW(__wasi_fd_read(0, &last, 0x20000001, &n));
  SHOW(__wasi_fd_write(1, (const void *)&last, 0, TOP));
  SHOW(__wasi_fd_fdstat_get(0, (void *)(END - 8)));
  SHOW(__wasi_clock_time_get(0, 0, (void *)(END - 4)));
  SHOW(__wasi_random_get(END, 1));
  SHOW(__wasi_random_get(END, 0));
  SHOW(__wasi_random_get(0, 0xFFFFFFFF));
  SHOW(__wasi_args_get(TOP, TOP));
  SHOW(__wasi_args_get((void *)&n, END));
  SHOW(__wasi_args_sizes_get(TOP, &n));
}

static void clocks_and_polls(void) {
  static __wasi_subscription_t in[2];
  static __wasi_event_t out[2];
  SHOW(__wasi_clock_time_get(9, 0, &t));
  SHOW(__wasi_clock_res_get(9, &t));
  SHOW(__wasi_clock_res_get(2, &t));
  SHOW(__wasi_poll_oneoff(in, out, 0, &n));
  SHOW(__wasi_poll_oneoff(in, out, 0x20000000, &n));
  SHOW(__wasi_poll_oneoff(TOP, out, 1, &n));
  in[0].userdata = 7;
  in[0].u.tag = __WASI_EVENTTYPE_FD_READ;
  in[0].u.u.fd_read.file_descriptor = 77;
  in[1].userdata = 8;
  in[1].u.tag = __WASI_EVENTTYPE_CLOCK;
  in[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  in[1].u.u.clock.timeout = UINT64_MAX;
  SHOW(__wasi_poll_oneoff(in, out, 2, &n));
  printf("%d event: %d, error %d\n", (int)n, (int)out[0].userdata, out[0].error);
  in[0].u.tag = 9;
  SHOW(__wasi_poll_oneoff(in, out, 1, &n));
  printf("%d event: %d, error %d\n", (int)n, (int)out[0].userdata, out[0].error);
}

static void not_provided(void) {
  static __wasi_filestat_t file;
  SHOW(__wasi_fd_sync(1));
  SHOW(__wasi_fd_filestat_get(1, &file));
  SHOW(__wasi_fd_renumber(1, 0));
  SHOW(__wasi_sock_shutdown(0, 1));
}

int main(void) {
  descriptors();
  addresses();
  clocks_and_polls();
  not_provided();
  return 0;
}
