# SPDX-License-Identifier: Apache-2.0
"""Adds Rust to an installed SDK: the standard library, wali-rustc and wali-cargo.

The standard library is compiled from Debian's rust-web-src, offline, with -Zbuild-std. What is built is kept in the
SDK's cache.
"""
import argparse
import json
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))

from base import AR, ROOT, cache_locked, cached, die, digest, run, say  # noqa: E402
from install import check_writable, link  # noqa: E402

# Not what PATH has: the sources fit Debian's compiler only.
RUSTC, CARGO = pathlib.Path("/usr/bin/rustc"), pathlib.Path("/usr/bin/cargo")
SPECIFICATION = HERE / "share/wasm32-wali-linux-musl.json"
TARGET = SPECIFICATION.stem
HOST = f"{os.uname().machine}-unknown-linux-gnu"
CRATES = "std,panic_unwind,panic_abort,proc_macro,test"
# (file or files, text, replacement, reason), in the folder of the library and of the crates it needs.
EDITS = (
    ("vendor/libc-*/src/primitives.rs", 'all(target_pointer_width = "64", not(windows))',
     'any(all(target_pointer_width = "64", not(windows)), all(target_arch = "wasm32", target_os = "linux"))',
     "long has 64 bits here; core knows that"),
    ("std/src/os/fd/owned.rs", 'target_arch = "wasm32"', 'all(target_arch = "wasm32", not(target_os = "linux"))',
     "descriptors can be duplicated"),
    ("std/src/os/unix/io/mod.rs", 'target_arch = "wasm32"', 'all(target_arch = "wasm32", not(target_os = "linux"))',
     "the same"),
)


def version():
    if not RUSTC.exists() or not CARGO.exists():
        die(f"{RUSTC} and {CARGO} are not installed: install rustc-web, cargo-web and rust-web-src")
    text = run([RUSTC, "-vV"], "rustc")
    if TARGET not in run([RUSTC, "--print", "target-list"], "rustc").splitlines():
        die(f"{RUSTC} is too old, it does not know {TARGET}: install rustc-web")
    return text


def host_sysroot():
    return pathlib.Path(run([RUSTC, "--print", "sysroot"], "rustc").strip())


def library_source():
    folder = host_sysroot() / "lib/rustlib/src/rust/library"
    if not (folder / "vendor").is_dir():
        die(f"{folder} with the crates it needs is missing: install rust-web-src")
    return folder


def edited_library(source, target):
    shutil.copytree(source, target, symlinks=True)
    for pattern, old, new, _ in EDITS:
        for path in target.glob(pattern):
            text = path.read_text()
            if old in text:
                path.write_text(text.replace(old, new))
                break
        else:
            die(f"{pattern} of Rust's library does not contain {old}")


def build(folder, source):
    """folder/lib: the compiled crates. folder/libc: the edited one."""
    rustlib = folder / "sysroot/lib/rustlib"
    library = rustlib / "src/rust/library"
    edited_library(source, library)
    link(rustlib / HOST, host_sysroot() / "lib/rustlib" / HOST)
    compiler = folder / "rustc"
    compiler.write_text(f'#!/bin/sh\nexec {RUSTC} --sysroot={folder}/sysroot "$@"\n')
    compiler.chmod(0o755)
    project = folder / "project"
    (project / "src").mkdir(parents=True)
    (project / "src/lib.rs").write_text("")
    (project / "Cargo.toml").write_text('[package]\nname = "nothing"\nedition = "2024"\n')
    shutil.copy(SPECIFICATION, project)
    settings = {"source.crates-io.replace-with": "vendored", "source.vendored.directory": str(library / "vendor"),
                "profile.release.debug": False}
    options = [part for name, value in settings.items() for part in ("--config", f"{name}={json.dumps(value)}")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "RUSTC_BOOTSTRAP": "1", "RUSTC": str(compiler),
                   "RUSTFLAGS": "-Cembed-bitcode=yes"}
    say(f"std: compiling {source}")
    run([CARGO, "build", "--offline", "--release", f"-Zbuild-std={CRATES}", "-Zbuild-std-features=panic-unwind",
         "-Zjson-target-spec", "--target", SPECIFICATION.name, *options], "Rust's standard library", cwd=project,
        env=environment)
    (folder / "lib").mkdir()
    for path in (project / "target" / TARGET / "release/deps").glob("*.rlib"):
        if not path.name.startswith("libnothing"):
            shutil.copy(path, folder / "lib" / path.name)
    next((library / "vendor").glob("libc-*")).rename(folder / "libc")
    for name in ("sysroot", "project", ".cargo"):
        shutil.rmtree(folder / name, ignore_errors=True)
    compiler.unlink()


def install_files(prefix, source, target):
    """Copies with the names filled in."""
    for path in source.iterdir():
        text = path.read_text()
        for name, value in {"PREFIX": prefix, "RUSTC": RUSTC, "CARGO": CARGO, "TARGET": TARGET}.items():
            text = text.replace(f"@{name}@", str(value))
        (target / path.name).write_text(text)
        shutil.copymode(path, target / path.name)


def install(prefix, std):
    rust = prefix / "rust"
    shutil.rmtree(rust, ignore_errors=True)
    rustlib = rust / "sysroot/lib/rustlib"
    shutil.copytree(std / "lib", rustlib / TARGET / "lib")
    shutil.copytree(std / "libc", rust / "libc")
    link(rustlib / HOST, host_sysroot() / "lib/rustlib" / HOST)
    install_files(prefix, HERE / "share", rust)
    install_files(prefix, HERE / "bin", prefix / "bin")
    # Beside the crates, where rustc tells the linker to look.
    runtime = rust / "runtime.o"
    run([prefix / "bin/wali-cc", "-O2", "-Wall", "-Werror", "-c", HERE / "runtime.c", "-o", runtime], "runtime.c")
    run([AR, "rcs", rustlib / TARGET / "lib/libwali-rust.a", runtime], "llvm-ar")
    runtime.unlink()


def main():
    parser = argparse.ArgumentParser(prog="tools/sdk/rust/install", description=__doc__.splitlines()[0])
    parser.add_argument("prefix", nargs="?", type=pathlib.Path, default=ROOT / "build/sdk",
                        help="folder that tools/sdk/install has installed to (default: build/sdk)")
    prefix = parser.parse_args().prefix.absolute()
    if not (prefix / "bin/wali-cc").is_file():
        die(f"there is no SDK in {prefix}: run tools/sdk/install first")
    check_writable(prefix)
    compiler, source = version(), library_source()
    with cache_locked():
        key = digest(compiler, source.resolve(), SPECIFICATION.read_text(), CRATES, EDITS)
        install(prefix, cached("rust-std", key, lambda folder: build(folder, source)))
    say(f"installed in {prefix}; its commands are {prefix}/bin/wali-rustc and wali-cargo")


if __name__ == "__main__":
    main()
