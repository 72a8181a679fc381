// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  unsigned char a[256] = {0}, b[256] = {0}, zero[256] = {0};
  printf("%d %d\n", getentropy(a, sizeof a), getentropy(b, sizeof b));
  printf("differ %d, not zero %d\n", memcmp(a, b, sizeof a) != 0, memcmp(a + 128, zero, 128) != 0);
  return 0;
}
