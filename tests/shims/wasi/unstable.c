// SPDX-License-Identifier: Apache-2.0
// wasi_unstable numbers whence otherwise and has a longer subscription. Standard input is a file of 10 bytes.
#include <stdint.h>

#define IMPORT(n) __attribute__((import_module("wasi_unstable"), import_name(#n)))
IMPORT(fd_seek) int seek(int fd, int64_t delta, int whence, uint64_t *at);
IMPORT(poll_oneoff) int poll(const void *in, void *out, int count, int *events);
IMPORT(proc_exit) _Noreturn void leave(int status);

static struct { uint64_t userdata; uint64_t tag, identifier; uint32_t id, pad; uint64_t timeout, precision; uint16_t flags; }
    clock = {.userdata = 5, .id = 1, .timeout = 1000};
static struct { uint64_t userdata; uint16_t error; uint8_t type; uint64_t bytes, flags; } event;

void _start(void) {
  uint64_t at = 0;
  int events = 0;
  if (seek(0, 4, 2, &at) != 0 || at != 4) leave(1);   // SET
  if (seek(0, -1, 0, &at) != 0 || at != 3) leave(2);  // CUR
  if (seek(0, -2, 1, &at) != 0 || at != 8) leave(3);  // END
  if (seek(0, 0, 3, &at) != 28) leave(4);
  _Static_assert(sizeof clock == 56, "subscription");
  if (poll(&clock, &event, 1, &events) != 0 || events != 1 || event.userdata != 5 || event.error != 0) leave(5);
  leave(0);
}
