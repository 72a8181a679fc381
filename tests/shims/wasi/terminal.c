// SPDX-License-Identifier: Apache-2.0
// What standard streams are: the last column of each row is what a libc makes of fd_fdstat_get.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (int fd = 0; fd < 4; ++fd) printf("%d isatty %d\n", fd, isatty(fd));
  return 0;
}
