/* SPDX-License-Identifier: Apache-2.0
 * Messages of programs, as glibc has them. */
#ifndef _ERROR_H
#define _ERROR_H
#ifdef __cplusplus
extern "C" {
#endif

/* With a status other than 0 the program ends. With an error number its text follows. */
void error(int __status, int __error, const char* __format, ...) __attribute__((__format__(__printf__, 3, 4)));
void error_at_line(int __status, int __error, const char* __file, unsigned __line, const char* __format, ...)
    __attribute__((__format__(__printf__, 5, 6)));

extern void (*error_print_progname)(void); /* instead of "program: " */
extern unsigned error_message_count;
extern int error_one_per_line; /* of error_at_line: no second message about the same line */

#ifdef __cplusplus
}
#endif
#endif
