// SPDX-License-Identifier: Apache-2.0
// The rest of a C library: formats, long double, time zones, locales, directories, memory, conversion, sorting.
#define _GNU_SOURCE
#include <complex.h>
#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <glob.h>
#include <iconv.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <pwd.h>
#include <regex.h>
#include <search.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

static void formats(void) {
    char text[200];
    long double x;
    double d;
    int n, i;
    long l;
    intmax_t m;
    printf("%d %u %x %o %c %s %%\n", -1, 7U, 255, 8, 'c', "text");
    printf("%5d|%-5d|%05d|%+d|% d|%.3s|%10.4f|%e|%g|%a\n", 1, 2, 3, 4, 5, "abcdef", 3.14159, 12345.678, 1e-10, 1.0);
    printf("%lld %zu %td %jd %hhd %hd\n", LLONG_MIN, (size_t)7, (ptrdiff_t)-7, (intmax_t)5, (char)300, (short)70000);
    printf("%.17Lf %Lg %Lg\n", 1.0L / 3, 1e300L * 10, 1.5L);
    printf("%" PRId64 " %" PRIu32 " %*d\n", (int64_t)-5, 5U, 4, 3);
    sscanf("12 0x1f 3.25 2.5 word 99", "%d %i %lf %Lf %s %ld", &n, &i, &d, &x, text, &l);
    printf("scanned %d %d %g %Lg %s %ld\n", n, i, d, x, text, l);
    sscanf("9223372036854775807", "%jd", &m);
    printf("%jd %lu %d\n", m, strtoul("18446744073709551615", 0, 10), errno);
    printf("%g %g %g\n", strtod("1e400", 0), strtod("-0x1.8p1", 0), atof("  12.5xyz"));
    snprintf(text, 5, "truncated");
    printf("%s %ls\n", text, L"wide");
    printf("%.0f %.0f %.10g %.17g\n", 0.5, 1.5, 0.1, 0.1);
}

static void mathematics(void) {
    printf("%.15g %.15g %.15g %.15g\n", sin(1), pow(2, 0.5), exp(1), log(10));
    printf("%.15g %.15g %.15g %.6g\n", tgamma(5.5), hypot(3, 4), fmod(7.5, 2), cbrt(27));
    printf("%ld %ld %lld %d\n", lround(2.5), lrint(3.5), llround(-2.5), ilogb(1024));
    printf("%g %g %g %g\n", floor(-1.5), ceil(-1.5), trunc(-1.5), nearbyint(2.5));
    printf("%.17Lg %.17Lg %.17Lg\n", sqrtl(2), sinl(1), powl(2, 100));
    printf("%d %d %d %g\n", isnan(NAN), isinf(-INFINITY) != 0, signbit(-0.0) != 0, copysign(3, -1));
    printf("%g%+gi %d\n", creal(csqrt(-4)), cimag(csqrt(-4)), abs(-5));
    printf("%ld %ld\n", labs(LONG_MIN + 1), (long)(0x123456789abcdefL % 1000));
    __int128 big = (__int128)1 << 100;
    printf("%lx %lx\n", (unsigned long)(big >> 64), (unsigned long)(big / 3));
}

static void times(void) {
    time_t t = 1700000000;
    struct tm tm;
    char text[100];
    tzset();
    localtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z %z %A %j %U", &tm);
    printf("%s, offset %ld, back %d\n", text, tm.tm_gmtoff, mktime(&tm) == t);
    t += 180 * 86400L;
    localtime_r(&t, &tm);
    strftime(text, sizeof text, "%c %Z", &tm);
    printf("%s dst %d\n", text, tm.tm_isdst);
    gmtime_r(&t, &tm);
    printf("%s", asctime_r(&tm, text));
    t = 5000000000;
    printf("%s", asctime_r(gmtime_r(&t, &tm), text));
    strptime("2024-02-29 12:34:56", "%Y-%m-%d %H:%M:%S", &tm);
    printf("%d %d %d\n", tm.tm_year, tm.tm_mon, tm.tm_mday);
    setenv("TZ", "America/New_York", 1);
    tzset();
    t = 1700000000;
    printf("%s", asctime_r(localtime_r(&t, &tm), text));
    setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
    tzset();
    printf("%s %s %ld\n", tzname[0], tzname[1], timezone);
    setenv("TZ", "AAA5BBB", 1);
    for (t = 1679000000; t < 1710000000; t += 10000000) {
        localtime_r(&t, &tm);
        printf("%d %d, ", tm.tm_hour, tm.tm_isdst);
    }
    printf("%s", asctime_r(localtime_r(&t, &tm), text));
}

static void zone(const char* text) {
    struct tm tm = {0};
    char* end = strptime(text, "%z", &tm);
    if (end == 0)
        printf("%s is no zone\n", text);
    else
        printf("%s is %ld s, '%s' is left\n", text, tm.tm_gmtoff, end);
}

static void zones(void) {
    const char* texts[] = {"Z", "Zx", "+0600", "-06:30x", "+06", "+6", "+060", "1", " +0100", "+0160", "+"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) zone(texts[i]);
    struct tm tm;
    char* end = strptime("1689000000 x", "%s", &tm);
    printf("%d:%d '%s' is left\n", tm.tm_hour, tm.tm_min, end);
}

static void date(const char* format, const char* text) {
    struct tm tm = {0};
    char* end = strptime(text, format, &tm);
    if (end == 0)
        printf("%s is no %s\n", text, format);
    else
        printf("%d-%d-%d %d:%d:%d '%s'\n", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, end);
}

static void dates(void) {
    char text[100];
    date("%a %b %d %H:%M:%S %Y", "Sun Nov  6 08:49:37 1994");
    date("%d%b", "  6Nov");
    date("%a, %d %b %Y %T %Z", "Sun, 06 Nov 1994 08:49:37 GMT");
    date("%F %k:%M", " 2024-02-03  7:05");
    date("%I%p%u", "12AM7");
    date("%u", "8");
    for (struct tm tm = {.tm_min = 5}; tm.tm_hour < 24; tm.tm_hour += 6) {
        strftime(text, sizeof text, "%k|%l|%P|%p|%_H|%-I", &tm);
        printf("%s\n", text);
    }
}

static void matches(const char* pattern, const char* text) {
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED) != 0) {
        printf("%s cannot be used\n", pattern);
        return;
    }
    printf("%s %s: %d %d\n", pattern, text, regexec(&regex, text, 0, 0, 0), fnmatch(pattern, text, 0) != 0);
    regfree(&regex);
}

static void brackets(void) {
    const char* patterns[] = {
        "[[=d=]]",  "[^[=d=]]", "[[.d.]]", "[[.a.]-f]", "[a-[.f.]]",        "[[.-.]d]", "[[=]=]x]",
        "[[=xd=]]", "[[.d",     "[[=",     "[[=d=",     "[[:alpha:][=-=]]", "\\x"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        matches(patterns[i], "d");
        matches(patterns[i], "x");
        matches(patterns[i], "-");
    }
}

static void locales(void) {
    wchar_t wide[20];
    char text[50];
    mbstate_t state = {0};
    const char* source = "z\xc3\xbc\xe2\x82\xac";
    printf("%s\n", setlocale(LC_ALL, "C.UTF-8") != 0 ? "has UTF-8" : "has none");
    printf("%zu %d %d\n", mbsrtowcs(wide, &source, 20, &state), (int)wide[1], wcwidth(wide[2]));
    printf("%d %d %lc\n", iswalpha(wide[1]) != 0, (int)towupper(wide[1]), (wint_t)wide[2]);
    printf("%d %d %zu\n", MB_CUR_MAX > 1, mblen("\xe2\x82\xac", 3), wcstombs(text, L"\x20ac", sizeof text));
    iconv_t converter = iconv_open("UTF-16LE", "UTF-8");
    char *in = "a\xc3\xa9", *out = text;
    size_t in_left = 3, out_left = sizeof text;
    iconv(converter, &in, &in_left, &out, &out_left);
    printf("%zu bytes, %02x %02x\n", sizeof text - out_left, text[0] & 255, text[2] & 255);
    iconv_close(converter);
    printf("%d %s\n", strcoll("a", "b") < 0, localeconv()->decimal_point);
}

static int compare(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }

static void algorithms(void) {
    int numbers[] = {5, 3, 9, 1, 7}, key = 7;
    regex_t regex;
    regmatch_t match[2];
    char* rest = 0;
    char words[] = "one,two;three";
    qsort(numbers, 5, sizeof *numbers, compare);
    int* found = bsearch(&key, numbers, 5, sizeof *numbers, compare);
    printf("%d %d %d at %td\n", numbers[0], numbers[2], numbers[4], found - numbers);
    regcomp(&regex, "([a-z]+)[0-9]+", REG_EXTENDED);
    printf("%d %d-%d\n", regexec(&regex, "  abc123", 2, match, 0), (int)match[1].rm_so, (int)match[1].rm_eo);
    regfree(&regex);
    printf("%d %d\n", fnmatch("*.[ch]", "x.c", 0), fnmatch("*.[ch]", "x.o", 0) != 0);
    for (char* w = strtok_r(words, ",;", &rest); w != 0; w = strtok_r(0, ",;", &rest)) printf("%s ", w);
    printf("%s %s\n", strstr("haystack", "st"), strcasestr("HayStack", "ST"));
    hcreate(10);
    hsearch((ENTRY){"key", "value"}, ENTER);
    printf("%s\n", (char*)hsearch((ENTRY){"key", 0}, FIND)->data);
    srand48(1);
    printf("%ld %d\n", lrand48(), (srandom(1), 1));
}

static void files(void) {
    struct stat status;
    struct dirent** names;
    char text[100] = {0};
    FILE* f = fopen("file", "w+");
    fprintf(f, "line one\nline two\n");
    fseek(f, 5, SEEK_SET);
    printf("%s", fgets(text, sizeof text, f));
    printf("%ld %d\n", ftell(f), fgetc(f));
    fclose(f);
    stat("file", &status);
    printf("%ld bytes, mode %o, regular %d, %d\n", (long)status.st_size, status.st_mode & 0777, S_ISREG(status.st_mode),
           status.st_mtime > 1700000000);
    mkdir("folder", 0700);
    symlink("file", "link");
    int n = scandir(".", &names, 0, alphasort);
    for (int i = 0; i < n; i++) printf("%s ", names[i]->d_name);
    printf("%zd %s\n", readlink("link", text, sizeof text), text);
    printf("%s\n", realpath("link", text) != 0 ? strrchr(text, '/') : "?");
    int fd = open("file", O_RDWR | O_APPEND);
    char* map = mmap(0, 18, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    map[0] = 'L';
    msync(map, 18, MS_SYNC);
    pread(fd, text, 4, 0);
    printf("%.4s %d\n", text, (fcntl(fd, F_GETFL) & O_APPEND) != 0);
    printf("%d %ld\n", fcntl(fd, F_SETLK, &(struct flock){.l_type = F_WRLCK}), (long)lseek(fd, 1L << 33, SEEK_SET));
    munmap(map, 18);
    close(fd);
    char temporary[] = "tempXXXXXX";
    fd = mkstemp(temporary);
    printf("%d %d %d\n", fd >= 0, unlink(temporary), access(temporary, F_OK));
    f = open_memstream(&map, &(size_t){0});
    fprintf(f, "in memory %d", 5);
    fclose(f);
    printf("%s\n", map);
    free(map);
}

static int sum(int count, ...) {
    va_list args;
    int total = 0;
    va_start(args, count);
    for (int i = 0; i < count; i++) total += i % 2 ? (int)va_arg(args, long) : va_arg(args, int);
    va_end(args);
    return total;
}

static void memory(void) {
    void* blocks[100];
    for (int i = 0; i < 100; i++) memset(blocks[i] = malloc(i * 1000 + 1), i, i * 1000 + 1);
    for (int i = 0; i < 100; i += 2) free(blocks[i]);
    for (int i = 1; i < 100; i += 2) blocks[i] = realloc(blocks[i], 200000 - i);
    printf("%d %d\n", ((char*)blocks[99])[98000], ((char*)blocks[1])[0]);
    for (int i = 1; i < 100; i += 2) free(blocks[i]);
    void* aligned = aligned_alloc(4096, 8192);
    printf("%d %d\n", ((uintptr_t)aligned & 4095) == 0, malloc(SIZE_MAX / 2) == 0 && errno == ENOMEM);
    char* text = 0;
    asprintf(&text, "%s-%d", "printed", 5);
    printf("%s %d %d\n", text, sum(4, 1, 2L, 3, 4L), (int)strlen(strndup("abcdef", 3)));
}

static void system_calls(void) {
    struct utsname name;
    struct rlimit limit;
    char thread[16];
    uname(&name);
    printf("%s %d\n", name.sysname, getpagesize());
    printf("%d %d\n", syscall(SYS_getpid) == getpid(), syscall(SYS_gettid) == gettid());
    printf("%ld %d\n", syscall(SYS_close, -1), errno);
    getrlimit(RLIMIT_CORE, &limit);
    prctl(PR_SET_NAME, "renamed");
    prctl(PR_GET_NAME, thread);
    printf("%s %d %d\n", thread, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    printf("%s %d\n", getpwuid(0)->pw_name, sysconf(_SC_NPROCESSORS_ONLN) > 0);
    void* library = dlopen("libnonexistent.so", RTLD_NOW);
    printf("dlopen %s\n", library == 0 ? "failed" : "worked");
}

int main(int argc, char** argv) {
    opterr = 0;
    formats();
    mathematics();
    times();
    zones();
    dates();
    locales();
    algorithms();
    brackets();
    files();
    memory();
    system_calls();
    printf("%d %d\n", argc, getopt(argc, argv, "a"));
    return 0;
}
