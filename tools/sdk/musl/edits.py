# SPDX-License-Identifier: Apache-2.0
"""Changes to musl's own files, where they assume that long is as wide as a pointer, or what WALI does otherwise.

Each is (file, text, replacement, reason). The text must occur in the file exactly once.
"""

EDITS = (
    ("include/alltypes.h.in", "TYPEDEF unsigned long pthread_t;", "TYPEDEF unsigned _Addr pthread_t;",
     "in C++, pthread_t is a number as wide as a pointer"),
    ("include/limits.h", "#define SSIZE_MAX LONG_MAX", "#define SSIZE_MAX INT_MAX", "ssize_t has 32 bits"),
    ("include/sys/socket.h",
     "#define CMSG_ALIGN(len) (((len) + sizeof (size_t) - 1) & (size_t) ~(sizeof (size_t) - 1))",
     "#define CMSG_ALIGN(len) (((len) + sizeof (long) - 1) & (size_t) ~(sizeof (long) - 1))",
     "the kernel aligns control messages to 8 bytes"),
    ("include/sys/epoll.h", "#ifdef __x86_64__", "#ifdef __wasm__", "struct epoll_event is x86-64's"),
    ("include/signal.h", "#define SIG_HOLD ((void (*)(int)) 2)", "#define SIG_HOLD ((void (*)(int)) -3)",
     "small numbers are functions: indices into the table"),
    ("include/signal.h", "#define SIG_IGN  ((void (*)(int)) 1)", "#define SIG_IGN  ((void (*)(int)) -2)",
     "the same; this value is WALI's"),
    ("src/signal/sigaction.c", "if ((uintptr_t)sa->sa_handler > 1UL) {",
     "if (sa->sa_handler != SIG_DFL && sa->sa_handler != SIG_IGN) {", "the same"),
    ("src/internal/pthread_impl.h", "#define __SU (sizeof(size_t)/sizeof(int))",
     "#define __SU (sizeof(long)/sizeof(int))", "the attribute's sizes are stored as longs"),
    ("src/internal/syscall.h", "static inline long __alt_socketcall(",
     "static inline __attribute__((__always_inline__)) long __alt_socketcall(",
     "the number of a call must be a constant where the call is made"),
    ("src/unistd/setxid.c", "	int ret = __syscall(c->nr, c->id, c->eid, c->sid);",
     "#define CALL(name) c->nr == SYS_##name ? __syscall(SYS_##name, c->id, c->eid, c->sid) :\n"
     "	int ret = CALL(setuid) CALL(setgid) CALL(setreuid) CALL(setregid)\n"
     "		CALL(setresuid) CALL(setresgid) -ENOSYS;", "the same"),
    ("src/thread/pthread_create.c", "	UNLOCK(self->killlock);\n\n	for (;;) __syscall(SYS_exit, 0);",
     "	UNLOCK(self->killlock);\n\n	__wali_exit_thread(&self->detach_state);",
     "no kernel unlocks the thread list: see __unmapself.c"),
    ("src/thread/pthread_create.c", "	__wake(&self->detach_state, 1, 1);\n", "",
     "the joiner would only wait again, for the thread list"),
    ("src/thread/pthread_create.c", "	if (!tsd) {\n		if (guard) {",
     "	if (!tsd && (map = __wali_take_stack(size, guard))) {\n"
     "		tsd = map + size - __pthread_tsd_size;\n"
     "		memset(tsd - libc.tls_size, 0, libc.tls_size + __pthread_tsd_size);\n"
     "	} else if (!tsd) {\n		if (guard) {",
     "stacks are kept for later threads: see stacks.c"),
    ("src/thread/pthread_create.c",
     "		tsd = map + size - __pthread_tsd_size;\n		if (!stack) {\n			stack = tsd - libc.tls_size;\n"
     "			stack_limit = map + guard;\n		}\n	}\n",
     "		tsd = map + size - __pthread_tsd_size;\n	}\n	if (map && !stack) {\n		stack = tsd - libc.tls_size;\n"
     "		stack_limit = map + guard;\n	}\n", "the same"),
    ("src/thread/pthread_join.c", "if (t->map_base) __munmap(t->map_base, t->map_size);",
     "if (t->map_base) __wali_keep_stack(t->map_base, t->map_size, t->guard_size);", "the same"),
    ("src/fcntl/fcntl.c", "arg = va_arg(ap, unsigned long);", "arg = ap ? va_arg(ap, unsigned) : 0;",
     "an argument that was passed as an int or a pointer has four bytes; where none was passed, the list is NULL"),
    ("src/misc/ioctl.c", "	arg = va_arg(ap, void *);", "	arg = ap ? va_arg(ap, void *) : 0;", "the same"),
    ("src/linux/clone.c", "	ptid = va_arg(ap, pid_t *);\n	tls  = va_arg(ap, void *);\n	ctid = va_arg(ap, pid_t *);\n",
     "	ptid = ap ? va_arg(ap, pid_t *) : 0;\n	tls  = ap ? va_arg(ap, void *) : 0;\n	ctid = ap ? va_arg(ap, pid_t *) : 0;\n",
     "the same"),
    ("src/linux/ptrace.c", "	pid = va_arg(ap, pid_t);\n	addr = va_arg(ap, void *);\n	data = va_arg(ap, void *);\n",
     "	pid = ap ? va_arg(ap, pid_t) : 0;\n	addr = ap ? va_arg(ap, void *) : 0;\n	data = ap ? va_arg(ap, void *) : 0;\n",
     "the same"),
    ("src/linux/prctl.c", "x[i] = va_arg(ap, unsigned long);", "x[i] = ap ? va_arg(ap, unsigned long) : 0;", "the same"),
    ("src/fcntl/open.c", "mode = va_arg(ap, mode_t);", "mode = ap ? va_arg(ap, mode_t) : 0;", "the same"),
    ("src/fcntl/openat.c", "mode = va_arg(ap, mode_t);", "mode = ap ? va_arg(ap, mode_t) : 0;", "the same"),
    ("include/sys/prctl.h", "int prctl (int, ...);",
     "int prctl (int, ...);\n"
     "#define prctl(...) __wali_prctl(__VA_ARGS__, 0L, 0L, 0L, 0L, 0L)\n"
     "#define __wali_prctl(op, a, b, c, d, ...) (prctl)(op, (unsigned long)(a), (unsigned long)(b), \\\n"
     "	(unsigned long)(c), (unsigned long)(d))",
     "callers pass int, long or pointer, and rely on missing ones being zero"),
    ("src/linux/prctl.c", "int prctl(int op, ...)", "int (prctl)(int op, ...)", "the macro above"),
    ("include/setjmp.h", "int sigsetjmp (sigjmp_buf, int) __setjmp_attr;\n_Noreturn void siglongjmp (sigjmp_buf, int);",
     "int sigsetjmp (sigjmp_buf, int) __WALI_JUMP(sigsetjmp) __setjmp_attr;\n"
     "_Noreturn void siglongjmp (sigjmp_buf, int);", "the engine's: see bits/setjmp.h"),
    ("include/setjmp.h", "int _setjmp (jmp_buf) __setjmp_attr;\n_Noreturn void _longjmp (jmp_buf, int);",
     "int _setjmp (jmp_buf) __WALI_JUMP(setjmp) __setjmp_attr;\n"
     "_Noreturn void _longjmp (jmp_buf, int) __WALI_JUMP(longjmp);", "the same"),
    ("include/setjmp.h", "int setjmp (jmp_buf) __setjmp_attr;\n_Noreturn void longjmp (jmp_buf, int);",
     "int setjmp (jmp_buf) __WALI_JUMP(setjmp) __setjmp_attr;\n"
     "_Noreturn void longjmp (jmp_buf, int) __WALI_JUMP(longjmp);", "the same"),
    ("include/setjmp.h", "#undef __setjmp_attr\n",
     "#undef __setjmp_attr\n\n"
     "#ifdef __WALI_SJLJ_EXCEPTIONS__\n"
     "void __wali_save_mask(jmp_buf, int);\n"
     "_Noreturn void __wali_siglongjmp(jmp_buf, int);\n"
     "#define sigsetjmp(env, save) (__wali_save_mask(env, save), setjmp(env))\n"
     "#define siglongjmp __wali_siglongjmp\n"
     "#define _setjmp setjmp\n"
     "#define _longjmp longjmp\n"
     "#endif\n", "the compiler makes exceptions of calls to setjmp and longjmp, and of no other"),
    ("src/regex/regcomp.c",
     "static reg_errcode_t parse_bracket_terms(tre_parse_ctx_t *ctx, const char *s, struct literals *ls, struct neg *neg)\n{\n",
     "/* The length of [=c=] or [.c.], which stand for the character c in every locale of musl; -1 for other names. */\n"
     "static int parse_symbol(wchar_t *wc, const char *s)\n"
     "{\n"
     "	int len = mbtowc(wc, s+2, -1);\n"
     "	return len > 0 && s[len+2] == s[1] && s[len+3] == ']' ? len+4 : -1;\n"
     "}\n\n"
     "static reg_errcode_t parse_bracket_terms(tre_parse_ctx_t *ctx, const char *s, struct literals *ls, struct neg *neg)\n{\n",
     "POSIX has equivalence classes and collating symbols in each locale, if only of one character"),
    ("src/regex/regcomp.c",
     "			/* collating symbols and equivalence classes are not supported */\n			return REG_ECOLLATE;",
     "			if ((len = parse_symbol(&wc, s)) < 0)\n				return REG_ECOLLATE;", "the same"),
    ("src/regex/regcomp.c", "				len = mbtowc(&wc, s, -1);\n				max = wc;",
     "				len = *s == '[' && s[1] == '.' ? parse_symbol(&wc, s) : mbtowc(&wc, s, -1);\n				max = wc;",
     "the same"),
    ("src/regex/regcomp.c", "			s += i;\n			if (len == 8) {",
     "			if (i == 0 && len == 2) v = 'x';\n			s += i;\n			if (len == 8) {",
     "\\x without a digit is an x, as for every other letter that means nothing behind a backslash"),
    ("src/regex/fnmatch.c", "			int l = mbtowc(&wc2, p+1, 4);\n			if (l < 0) return 0;",
     "			int symbol = p[1]=='[' && p[2]=='.', l = mbtowc(&wc2, symbol ? p+3 : p+1, 4);\n"
     "			if (l < 0 || symbol && (p[3+l]!='.' || p[4+l]!=']')) return 0;\n"
     "			if (symbol) l += 5;", "the same"),
    ("src/regex/fnmatch.c", "			const char *p0 = p+2;\n			int z = p[1];",
     "			const char *p0 = p+2;\n			wchar_t symbol;\n			int l, z = p[1];", "the same"),
    ("src/regex/fnmatch.c", "					return !inv;\n			}\n			continue;",
     "					return !inv;\n"
     "			} else if (z != ':' && (l = mbtowc(&symbol, p0, p-1-p0)) > 0 && l == p-1-p0) {\n"
     "				wc = symbol;\n"
     "				if (wc==k || wc==kfold) return !inv;\n"
     "			}\n			continue;", "the same"),
    ("src/time/strptime.c", "		case '%':\n			if (*s++ != '%') return 0;\n			break;",
     "		case '%':\n			if (*s++ != '%') return 0;\n			break;\n"
     "		case 's': {\n"
     "			char *end;\n"
     "			time_t t = strtoll(s, &end, 10);\n"
     "			if (end == s || !localtime_r(&t, tm)) return 0;\n"
     "			s = end;\n"
     "			break;\n"
     "		}\n"
     "		case 'z':\n"
     "			while (isspace(*s)) s++;\n"
     "			tm->__tm_gmtoff = 0;\n"
     "			if (*s == 'Z') {\n"
     "				s++;\n"
     "				break;\n"
     "			}\n"
     "			if (*s != '+' && *s != '-') return 0;\n"
     "			neg = *s++ == '-';\n"
     "			for (dummy=i=0; i<4 && isdigit(*s); i++) {\n"
     "				dummy = dummy * 10 + *s++ - '0';\n"
     "				if (i==1 && *s == ':' && isdigit(s[1])) s++;\n"
     "			}\n"
     "			if (i==2) dummy *= 100;\n"
     "			else if (i<4) return 0;\n"
     "			if (dummy%100 >= 60) return 0;\n"
     "			tm->__tm_gmtoff = (neg ? -1 : 1) * (dummy/100*3600L + dummy%100*60L);\n"
     "			break;",
     "Linux programs know these conversions from glibc"),
    ("src/time/__tz.c", "	if (*s == ',') s++, getrule(&s, r0);",
     "	if (__daylight && *s != ',') s = \",M3.2.0,M11.1.0\";\n	if (*s == ',') s++, getrule(&s, r0);",
     "a zone such as EST5EDT has a summer time by default rules, those that every other library takes"),
    ("src/time/strptime.c", "		numeric_range:\n", "		numeric_range:\n			while (isspace(*s)) s++;\n",
     "the same: numbers are often padded with blanks"),
    ("src/time/strptime.c", "		numeric_digits:\n", "		numeric_digits:\n			while (isspace(*s)) s++;\n", "the same"),
    ("src/time/strptime.c", "		case 'H':\n", "		case 'H': case 'k':\n", "the same"),
    ("src/time/strptime.c", "		case 'I':\n", "		case 'I': case 'l':\n", "the same"),
    ("src/time/strptime.c", "		case 'p':\n", "		case 'p': case 'P':\n", "the same"),
    ("src/time/strptime.c", "		case 'D':\n",
     "		case 'F':\n			s = strptime(s, \"%Y-%m-%d\", tm);\n			if (!s) return 0;\n			break;\n"
     "		case 'u':\n			if (*s < '1' || *s > '7') return 0;\n			tm->tm_wday = (*s++ - '0') % 7;\n			break;\n"
     "		case 'Z':\n			while (isspace(*s)) s++;\n			while (*s && !isspace(*s)) s++;\n			break;\n"
     "		case 'D':\n", "the same; as there, the name of a zone is skipped"),
    ("src/time/strftime.c", "	case 'H':\n", "	case 'k':\n		def_pad = '_';\n	case 'H':\n", "the same"),
    ("src/time/strftime.c", "	case 'I':\n", "	case 'l':\n		def_pad = '_';\n	case 'I':\n", "the same"),
    ("src/time/strftime.c", "	case 'p':\n",
     "	case 'P':\n		fmt = tm->tm_hour >= 12 ? \"pm\" : \"am\";\n		goto string;\n	case 'p':\n", "the same"),
    ("src/network/inet_legacy.c", "	return (struct in_addr){ h };", "	return (struct in_addr){ htonl(h) };",
     "addresses are in network order"),
    ("src/misc/getsubopt.c", "	return -1;", "	*val = s;\n	return -1;", "programs name the option they do not know"),
    ("src/stdio/fopencookie.c", "	ret = fc->iofuncs.write(", "	if (!len) return 0;\n	ret = fc->iofuncs.write(",
     "a write of nothing means the end to some"),
)

# What programs written for Linux know from glibc, or from the kernel, and musl has otherwise or not at all.
EDITS += (
    ("include/stdint.h", "#if UINTPTR_MAX == UINT64_MAX\n#define INT64_C(c) c ## L\n#define UINT64_C(c) c ## UL\n"
     "#define INTMAX_C(c)  c ## L\n#define UINTMAX_C(c) c ## UL\n#else\n#define INT64_C(c) c ## LL\n#define UINT64_C(c) c ## ULL\n",
     "#define INT64_C(c) c ## L\n#define UINT64_C(c) c ## UL\n#if 0\n#else\n", "int64_t is long, intmax_t long long"),
    ("include/inttypes.h", "#if UINTPTR_MAX == UINT64_MAX\n#define __PRI64  \"l\"\n#define __PRIPTR \"l\"\n#else\n#define __PRI64  \"ll\"\n",
     "#if 0\n#else\n#define __PRI64  \"l\"\n#define __PRIMAX \"ll\"\n", "the same"),
    *(("include/inttypes.h", f"#define {name}MAX __PRI64 ", f"#define {name}MAX __PRIMAX ", "the same")
      for name in ("PRId", "PRIi", "PRIo", "PRIu", "PRIx", "PRIX", "SCNd", "SCNi", "SCNo", "SCNu", "SCNx")),
    ("include/sys/resource.h", "typedef unsigned long long rlim_t;", "typedef unsigned long rlim_t;", "as in glibc, so that %lu fits"),
    ("include/unistd.h", "long syscall(long, ...);", "long syscall(long, ...);\n#define __NEED_wali_syscall\n#include <bits/arguments.h>",
     "callers pass int, long or pointer"),
    ("include/sys/sem.h", "int semctl(int, int, int, ...);",
     "int semctl(int, int, int, ...);\n#define __NEED_wali_semctl\n#include <bits/arguments.h>", "the same, and unions"),
    ("include/ulimit.h", "long ulimit (int, ...);",
     "long ulimit (int, ...);\n"
     "#define ulimit(...) __wali_ulimit(__VA_ARGS__, 0L, 0L)\n"
     "#define __wali_ulimit(command, blocks, ...) (ulimit)(command, (long)(blocks))", "the same"),
    *((f"src/sched/sched_{name}.c", "return __syscall_ret(-ENOSYS);", f"return syscall(SYS_sched_{name}, {arguments});",
       "as in glibc: of the thread, although POSIX means the process")
      for name, arguments in (("getparam", "pid, param"), ("setparam", "pid, param"), ("getscheduler", "pid"),
                              ("setscheduler", "pid, sched, param"))),
    ("src/signal/sigtimedwait.c", "	do ret = do_sigtimedwait(mask, si, timeout);\n	while (ret==-EINTR);\n",
     "	ret = do_sigtimedwait(mask, si, timeout);\n", "a handler that has run ends the wait, as in the kernel"),
    ("src/signal/sigwait.c", "	if (sigtimedwait(mask, &si, 0) < 0)\n		return -1;",
     "	while (sigtimedwait(mask, &si, 0) < 0)\n		if (errno != EINTR) return errno;",
     "the above does not hold for sigwait, whose result is the error"),
    ("src/signal/sigwait.c", "#include <signal.h>\n", "#include <errno.h>\n#include <signal.h>\n", "the same"),
    *((f"src/unistd/{name}.c", "	if (!bufsize) {\n		buf = dummy;\n		bufsize = 1;\n	}\n", "", "0 bytes are an error of the kernel's")
      for name in ("readlink", "readlinkat")),
    ("src/linux/epoll.c", "	return epoll_create1(0);", "	return size <= 0 ? __syscall_ret(-EINVAL) : epoll_create1(0);", "the same"),
    ("src/thread/__timedwait.c", "	int cs, r;\n", "	int cs, r;\n	pthread_t self = __pthread_self();\n"
     "	if (self->cancelasync && self->canceldisable == PTHREAD_CANCEL_ENABLE) return __timedwait_cp(addr, val, clk, at, priv);\n",
     "asynchronous cancellation also reaches a thread that waits for a mutex"),
    ("include/fmtmsg.h", "int fmtmsg(long,", "int addseverity(int, const char *);\nint fmtmsg(long,", "see addseverity.c"),
    ("src/misc/fmtmsg.c", "errstring = \"INFO: \";", "errstring = \"INFO: \";\n	else errstring = __wali_severity(severity);", "the same"),
    ("src/misc/fmtmsg.c", "#include <pthread.h>\n", "#include <pthread.h>\n\nextern hidden char *__wali_severity(int);\n", "the same"),
    ("include/signal.h", "		pid_t sigev_notify_thread_id;\n", "		pid_t _tid;\n", "programs name glibc's members"),
    ("include/signal.h", "	} __sev_fields;\n};\n\n#define sigev_notify_thread_id __sev_fields.sigev_notify_thread_id\n"
     "#define sigev_notify_function __sev_fields.__sev_thread.sigev_notify_function\n"
     "#define sigev_notify_attributes __sev_fields.__sev_thread.sigev_notify_attributes\n",
     "	} _sigev_un;\n};\n\n#define sigev_notify_thread_id _sigev_un._tid\n"
     "#define sigev_notify_function _sigev_un.__sev_thread.sigev_notify_function\n"
     "#define sigev_notify_attributes _sigev_un.__sev_thread.sigev_notify_attributes\n", "the same"),
    ("include/signal.h", "int sigqueue(pid_t, int, union sigval);", "int sigqueue(pid_t, int, union sigval);\n#ifdef _GNU_SOURCE\n"
     "int tgkill(pid_t, pid_t, int);\n#endif", "a call of the kernel's that glibc has a function for"),
    ("include/stdio.h", "int renameat(int, const char *, int, const char *);",
     "int renameat(int, const char *, int, const char *);\n#ifdef _GNU_SOURCE\n#define RENAME_NOREPLACE (1 << 0)\n"
     "#define RENAME_EXCHANGE (1 << 1)\n#define RENAME_WHITEOUT (1 << 2)\n"
     "int renameat2(int, const char *, int, const char *, unsigned);\n#endif", "the same"),
    ("include/unistd.h", "pid_t gettid(void);",
     "pid_t gettid(void);\nint close_range(unsigned, unsigned, int);\nvoid closefrom(int);\n"
     "#define TEMP_FAILURE_RETRY(expression) (__extension__({ long __result; \\\n"
     "	do __result = (long)(expression); while (__result == -1L && errno == EINTR); __result; }))", "the same"),
    ("include/sys/stat.h", "#define S_IEXEC S_IXUSR\n", "#define S_IEXEC S_IXUSR\n#define ACCESSPERMS 0777\n#define ALLPERMS 07777\n"
     "#define DEFFILEMODE 0666\n#define S_BLKSIZE 512\n", "BSD's names, which glibc has too"),
    ("include/stdlib.h", "int getloadavg(double *, int);", "int getloadavg(double *, int);\n"
     "#ifdef _GNU_SOURCE\ntypedef int (*__compar_fn_t)(const void *, const void *);\ntypedef __compar_fn_t comparison_fn_t;\n#endif\n"
     "unsigned arc4random(void);\nvoid arc4random_buf(void *, size_t);\nunsigned arc4random_uniform(unsigned);", "the same"),
    ("include/pthread.h", "#define PTHREAD_MUTEX_INITIALIZER {{{0}}}\n",
     "#define PTHREAD_MUTEX_INITIALIZER {{{0}}}\n#ifdef _GNU_SOURCE\n"
     "#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP {{{PTHREAD_MUTEX_RECURSIVE}}}\n"
     "#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP {{{PTHREAD_MUTEX_ERRORCHECK}}}\n#endif\n", "glibc's names"),
)
