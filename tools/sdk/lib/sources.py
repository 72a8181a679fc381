# SPDX-License-Identifier: Apache-2.0
"""Upstream sources, as Debian's source packages carry them.

apt fetches them with package lists of our own, so the system's configuration is neither needed to name source packages
nor changed. What is pinned is the upstream archive; Debian's revision may move.
"""
import dataclasses
import hashlib
import subprocess

from base import CACHE, die, run, say


@dataclasses.dataclass(frozen=True)
class Source:
    package: str
    archive: str
    sha256: str
    members: tuple = ()  # what to unpack of it, below its top folder; () = all

    def folder(self):
        """The unpacked source."""
        folder = CACHE / "sources" / f"{self.package}-{self.sha256[:12]}"
        if not folder.is_dir():
            partial = folder.with_suffix(".partial")
            run(["rm", "-rf", partial], "cleaning the cache")
            partial.mkdir(parents=True)
            archive = fetch(self)
            say(f"unpacking {self.archive}")
            wanted = [f"*/{member}" for member in self.members]
            decompress = {"gz": "gzip", "bz2": "bzip2"}.get(self.archive.rpartition(".")[2], "xz -T0")
            run(["tar", "-x", "-f", archive, "-C", partial, f"--use-compress-program={decompress}",
                 "--strip-components=1", "--wildcards", "--no-wildcards-match-slash", *wanted],
                f"unpacking {self.archive}")
            partial.rename(folder)
        return folder


MUSL = Source("musl", "musl_1.2.3.orig.tar.gz",
              "7d5b0b6062521e4627e099e4c9dc8248d32a30285e959b7eecaa780cf8cfd4a4")
RUNTIMES = Source("llvm-toolchain-19", "llvm-toolchain-19_19.1.7.orig.tar.xz",
                  "ae498f3bc58ae2d9f64ef5f0c035c4240152bf015a5b7738b15c22e93bdc97ce",
                  ("libcxx/include", "libcxx/src", "libcxx/vendor", "libcxxabi/include", "libcxxabi/src",
                   "libunwind/include", "libunwind/src"))


def matches(path, sha256):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def apt_options():
    """Options that make apt-get use lists of our own; the lists name what the system's binary packages come from."""
    apt = CACHE / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)",
                              "Created-By: Packages"], text=True, stdout=subprocess.PIPE, check=False).stdout
    lines = sorted({f"deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {uri} {suite} {component}\n"
                    for origin, uri, suite, component in (t.split() for t in targets.splitlines())
                    if origin == "Debian"})
    if not lines:
        die("apt has no package lists of Debian: run apt-get update")
    (apt / "sources.list").write_text("".join(lines))
    settings = {"Dir::Etc::SourceList": apt / "sources.list", "Dir::Etc::SourceParts": "/dev/null",
                "Dir::State::Lists": apt / "lists", "Dir::Cache": apt / "cache", "APT::Sandbox::User": "root"}
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def fetch(source):
    downloads = CACHE / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    archive = downloads / source.archive
    if archive.is_file() and matches(archive, source.sha256):
        return archive
    options = apt_options()
    say(f"fetching the source package {source.package}")
    run(["apt-get", "-q", *options, "update"], "apt-get update", cwd=downloads)
    download = ["apt-get", "-q", *options, "source", "--download-only"]
    # Where two suites list the same version, one of the mirrors may lack a file, or have a newer one only: then from the
    # release itself. It is the archive that matters, not the changes that come with it.
    for package in (source.package, f"{source.package}/bookworm"):
        if not archive.is_file():
            said = subprocess.run([*download, package], cwd=downloads, capture_output=True, text=True, check=False).stderr
    if not archive.is_file():
        die(f"Debian's source package {source.package} came without {source.archive}: {said.strip() or 'it has another one now'}")
    if not matches(archive, source.sha256):
        die(f"{archive} is not the file it should be (sha256 {source.sha256})")
    return archive
