# SPDX-License-Identifier: Apache-2.0
"""Builds the programs: natively, for WASI with stock clang and wasi-libc, and for WALI with the SDK."""
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]
CLANG = str(ROOT / "tools/lib/guest-clang")
WASI = [CLANG, "--target=wasm32-wasi", "--sysroot=/", "-isystem", "/usr/include/wasm32-wasi", "-L/usr/lib/wasm32-wasi",
        "-mbulk-memory", "-msign-ext", "-mnontrapping-fptoint", "-Wno-deprecated", "-w",
        "-Wl,--strip-all"]
NATIVE = ["gcc", "-w"]


class Missing(Exception):
    """What is not there, and how to get it."""


def compiled(command, source, output):
    """`output`, made anew if it is older than its source or was made by another command."""
    stamp = output.with_name(output.name + ".command")
    line = " ".join(map(str, command))
    newest = max(path.stat().st_mtime for path in [source, *source.parent.glob("*.h")])
    if output.exists() and stamp.exists() and stamp.read_text() == line and output.stat().st_mtime >= newest:
        return output
    output.parent.mkdir(parents=True, exist_ok=True)
    if shutil.which(command[0]) is None:
        raise Missing(f"{command[0]} is not installed (tools/lib/install-packages build guest test)")
    done = subprocess.run([*command, "-o", output, source, *([] if "-nostdlib" in command else ["-lm"])], text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Missing(f"{source.name}: {done.stderr}")
    stamp.write_text(line)
    return output


def wasi(source, folder, level="-O3"):
    """A WASI module, and the native program beside it: name.wasm, name.native."""
    compiled([*NATIVE, "-O2"], source, folder / f"{source.stem}.native")
    return compiled([*WASI, level], source, folder / f"{source.stem}.wasm")


def kernels(folder, level="-O3", name="kernels"):
    return [wasi(source, folder / f"{name}{level}", level) for source in sorted((HERE / name).glob("*.c"))]


def wali(name, folder):
    sdk = pathlib.Path(os.environ.get("WALI_SDK", ROOT / "build/sdk"))
    compiler = sdk / "bin/wali-cc"
    if not compiler.exists():
        raise Missing("the SDK is not installed (tools/sdk/install)")
    source = HERE / "programs" / f"{name}.c"
    compiled([*NATIVE, "-O2", "-pthread"], source, folder / f"{name}.native")
    return compiled([str(compiler), "-O2", "-pthread", "-w"], source, folder / f"{name}.wasm")


def bare(name, folder):
    """A module without a libc."""
    return compiled([CLANG, "--target=wasm32", "-O2", "-nostdlib", "-Wl,--no-entry"], HERE / "programs" / f"{name}.c",
                    folder / f"{name}.wasm")
