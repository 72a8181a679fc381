#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rust programs for this machine and for WALI, compared.

usage: rust.py WALI_RUN core            rust/no_core.rs, which needs a compiler only
       rust.py WALI_RUN SOURCE…         programs that use std (tools/sdk/rust/install)
       rust.py WALI_RUN cargo           wali-cargo: build scripts, run, test, a crate that uses libc
"""
import os
import pathlib
import sys
import tempfile

from program import differences, outcome
from sdk import ROOT, SDK, require, run, tool

HERE = pathlib.Path(__file__).resolve().parent / "rust"
RUSTC = pathlib.Path("/usr/bin/rustc")
TARGETS = ("wasm32-wali-linux-musl", ROOT / "tools/sdk/rust/share/wasm32-wali-linux-musl.json")
ENVIRONMENT = os.environ | {"RUSTC_BOOTSTRAP": "1"}


def skip(why):
    print(why)
    sys.exit(77)


def must(command, **kwargs):
    done = run(command, env=ENVIRONMENT, **kwargs)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        sys.exit(f"{command[0]} failed (above)")
    return done


def require_compiler():
    require()
    if not RUSTC.exists() or TARGETS[0] not in run([RUSTC, "--print", "target-list"]).stdout.split():
        skip("there is no rustc that knows the target: install rustc-web")


def core(wali_run):
    expected = "1 arguments, x, -9223372036854775807 9223372036854775807\n"
    for target in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            must([RUSTC, "-Zunstable-options", f"--target={target}", "--emit=obj", "-Cpanic=abort", HERE / "no_core.rs",
                  "-o", f"{folder}/x.o"])
            must([tool("wali-cc"), f"{folder}/x.o", "-o", f"{folder}/x"])
            done = run([wali_run, "x"], cwd=folder)
        if (done.returncode, done.stdout) != (5, expected):
            sys.exit(f"{target}: status {done.returncode}, {done.stdout!r}{done.stderr}")
    print(f"{len(TARGETS)} targets")


def programs(wali_run, sources):
    found = 0
    for source in sources:
        with tempfile.TemporaryDirectory() as folder:
            native, guest = f"{folder}/{source}-native", f"{folder}/{source}.wasm"
            options = ["--edition=2024", "-Copt-level=1", HERE / f"{source}.rs", "-o"]
            must([RUSTC, *options, native])
            must([tool("wali-rustc"), *options, guest])
            expected, actual = outcome([native]), outcome([wali_run, guest])
        different = differences(expected, actual)
        found += len(different)
        print("\n".join(different[:20] + [f"{source}: {expected.stdout.count(chr(10))} lines, {len(different)} differences"]))
        if different:
            print(actual.stderr)
    sys.exit(1 if found else 0)


MANIFEST = f"""
[package]
name = "x"
edition = "2024"
[profile.release]
lto = true
[dependencies]
libc = "0.2"
[patch.crates-io]
libc = {{ path = "{SDK}/rust/libc" }}
"""
BUILD_SCRIPT = 'fn main() { println!("cargo:rustc-env=BUILDER={}", std::env::consts::ARCH); }\n'
PROGRAM = """
fn main() {
    println!("{} {} {}", env!("BUILDER"), std::env::consts::ARCH, std::mem::size_of::<libc::c_long>());
}
#[test]
fn passes() {}
#[test]
fn fails() { assert_eq!(1, 2); }
"""


def cargo(wali_run):
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        (project / "src").mkdir()
        for name, text in {"Cargo.toml": MANIFEST, "build.rs": BUILD_SCRIPT, "src/main.rs": PROGRAM}.items():
            (project / name).write_text(text)
        environment = ENVIRONMENT | {"WALI_RUN": wali_run, "CARGO_HOME": f"{folder}/home"}
        for words, status, said in ((["run", "--release"], 0, f"{os.uname().machine} wasm32 8\n"),
                                    (["test"], 101, "1 passed; 1 failed;")):
            done = run([tool("wali-cargo"), "--offline", *words], cwd=project, env=environment)
            if done.returncode != status or said not in done.stdout:
                sys.exit(f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}")
    print("cargo run, cargo test")


def main():
    wali_run, what = os.path.abspath(sys.argv[1]), sys.argv[2:]
    require_compiler()
    if what == ["core"]:
        core(wali_run)
    elif not (SDK / "bin/wali-rustc").exists():
        skip("Rust is not installed in the SDK (tools/sdk/rust/install)")
    elif what == ["cargo"]:
        cargo(wali_run)
    else:
        programs(wali_run, what)


if __name__ == "__main__":
    main()
