// SPDX-License-Identifier: Apache-2.0
// Arguments and environment, byte for byte.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv) {
  for (int i = 0; i < argc; ++i) printf("arg %d <%s> %zu\n", i, argv[i], strlen(argv[i]));
  printf("end %d\n", argv[argc] == NULL);
  for (char **e = environ; e && *e; ++e) printf("env <%s>\n", *e);
  printf("A=%s\n", getenv("A") ? getenv("A") : "(none)");
  return argc;
}
