// SPDX-License-Identifier: Apache-2.0
// Arguments, environment and exit status.
#include "guest.h"

#ifdef __wasm__
static char environment[65536];
static i64 load_environment(void) {
    char path[100];
    if (!wali_envfile(path, sizeof path)) return 0;
    show("path access", sys_access(path, 4));
    i64 fd = sys_open(path, O_RDONLY, 0);
    i64 n = sys_read(fd, environment, sizeof environment - 1);
    sys_close(fd);
    return n;
}
static const char *variable(const char *name) {
    for (const char *line = environment; *line;) {
        const char *end = line;
        while (*end && *end != '\n') ++end;
        if (starts_with(line, name) && line[length(name)] == '=') {
            static char value[256];
            usize n = (usize)(end - line) - length(name) - 1;
            memcpy(value, line + length(name) + 1, n);
            value[n] = 0;
            return value;
        }
        line = *end ? end + 1 : end;
    }
    return "(unset)";
}
#else
extern char *getenv(const char *);
static i64 load_environment(void) {
    show("path access", 0);
    return 1;
}
static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "(unset)";
}
#endif

int guest_main(int argc, char **argv) {
    show("arguments", argc);
    for (int i = 1; i < argc; ++i) show_text("  argument", argv[i]);
    show("environment", load_environment() > 0);
    show_text("  PLAIN", variable("PLAIN"));
    show_text("  EMPTY", variable("EMPTY"));
    show_text("  SPACED", variable("SPACED"));
    show_text("  EQUALS", variable("EQUALS"));
    show_text("  UNSET", variable("UNSET"));
    return 300 + 17;  // the status has eight bits
}
