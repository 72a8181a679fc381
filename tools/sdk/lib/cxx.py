# SPDX-License-Identifier: Apache-2.0
"""The C++ library: LLVM's libc++, libc++abi and the part of libunwind that WebAssembly exceptions need."""
import concurrent.futures
import re
import shutil
import time

from base import (AR, CLANG, CLANGXX, COMPILER, FEATURES, INT64, NO_BUILTINS, SDK, TARGET, cached, compiler_version, digest,
                  run, say)
from sources import RUNTIMES

# What libc++'s build system would have found out. (The time zone database needs features that are experimental.)
SITE = {
    "_LIBCPP_ABI_VERSION": 1, "_LIBCPP_ABI_NAMESPACE": "__1", "_LIBCPP_HAS_MUSL_LIBC": "",
    "_LIBCPP_HAS_THREAD_API_PTHREAD": "", "_LIBCPP_HAS_NO_TIME_ZONE_DATABASE": "",
    "_LIBCPP_HAS_NO_VENDOR_AVAILABILITY_ANNOTATIONS": "", "_LIBCPP_PSTL_BACKEND_STD_THREAD": "",
    "_LIBCPP_HARDENING_MODE_DEFAULT": 2,
}
LIBRARIES = {
    "c++": ("libcxx/src", ("*.cpp", "filesystem/*.cpp", "ryu/*.cpp"), ()),
    "c++abi": ("libcxxabi/src", ("*.cpp",), ("cxa_noexception.cpp",)),
}
# Ours: the tags, and setjmp by exceptions.
EXCEPTIONS = SDK / "exceptions"
CFLAGS = (f"--target={TARGET}", *FEATURES, *NO_BUILTINS, *INT64, "-O2", "-g0", "-w", "-fwasm-exceptions",
          "-ffunction-sections", "-fdata-sections", "-fvisibility=hidden", "-D_GNU_SOURCE", "-DNDEBUG",
          "-D__USING_WASM_EXCEPTIONS__", "-D_LIBUNWIND_HIDE_SYMBOLS")
CXXFLAGS = ("-std=c++23", "-nostdinc++", "-fvisibility-inlines-hidden", "-D_LIBCPP_BUILDING_LIBRARY",
            "-D_LIBCXXABI_BUILDING_LIBRARY", "-DLIBCXX_BUILDING_LIBCXXABI", "-D_LIBCXXABI_USE_LLVM_UNWINDER")


def site_header(template):
    """__config_site.in as CMake would fill it in."""
    def fill(match):
        name = match[1]
        return f"#define {name} {SITE[name]}".rstrip() if name in SITE else f"/* #undef {name} */"
    return re.sub(r"^#cmakedefine (\w+).*$", fill, re.sub(r"^@\w+@$", "", template, flags=re.M), flags=re.M)


def install_headers(source, headers):
    shutil.copytree(source / "libcxx/include", headers,
                    ignore=shutil.ignore_patterns("CMakeLists.txt", "*.in", "cxx03"))
    for name in ("cxxabi.h", "__cxxabi_config.h"):
        shutil.copy(source / "libcxxabi/include" / name, headers / name)
    (headers / "__config_site").write_text(site_header((source / "libcxx/include/__config_site.in").read_text()))
    shutil.copy(source / "libcxx/vendor/llvm/default_assertion_handler.in", headers / "__assertion_handler")


def compile_all(commands, jobs):
    done, shown = 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for compiled in concurrent.futures.as_completed([pool.submit(run, c, "libc++") for c in commands]):
            compiled.result()
            done += 1
            if time.monotonic() - shown > 5:
                shown = time.monotonic()
                say(f"  libc++: {done} of {len(commands)}")


def build(folder, libc, jobs):
    source = RUNTIMES.folder()
    headers = folder / "include/c++/v1"
    install_headers(source, headers)
    includes = [f"-I{headers}", f"-I{source}/libcxx/src", f"-I{source}/libcxxabi/include",
                f"-I{source}/libunwind/include", f"--sysroot={libc}"]
    files = {library: [path for pattern in patterns for path in sorted((source / where).glob(pattern))
                       if path.name not in without] for library, (where, patterns, without) in LIBRARIES.items()}
    # The compiler's driver links no libunwind.
    files["c++abi"] += [source / "libunwind/src/Unwind-wasm.c", EXCEPTIONS / "cpp_exception.s"]
    files["unwind"] = []
    files["wali-sjlj"] = [EXCEPTIONS / "sjlj.c", EXCEPTIONS / "c_longjmp.s"]
    archives, commands = {}, []
    for library, paths in files.items():
        archives[library] = [folder / f"{library}-{number}-{path.stem}.o" for number, path in enumerate(paths)]
        for path, output in zip(paths, archives[library]):
            compiler = (CLANGXX, *CFLAGS, *CXXFLAGS) if path.suffix == ".cpp" else (CLANG, *CFLAGS)
            commands.append((*compiler, *includes, "-c", path, "-o", output))
    say(f"libc++: compiling {len(commands)} files")
    compile_all(commands, jobs)
    libraries = folder / "lib/wasm32-linux-muslwali"
    libraries.mkdir(parents=True)
    for library, objects in archives.items():
        for path in objects:
            COMPILER.mark(path)
        run([AR, "rcs", libraries / f"lib{library}.a", *objects], "llvm-ar")
        for path in objects:
            path.unlink()


def libcxx(libc, jobs):
    """The folder with the library and its headers, for this C library."""
    key = digest(libc.name, CFLAGS, SDK / "lib/cxx.py", EXCEPTIONS, compiler_version(), RUNTIMES.sha256,
                 RUNTIMES.members)
    return cached("libc++", key, lambda folder: build(folder, libc, jobs))
