"""The situations in which the loader finds a libpython and cannot use the file."""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.situations.dynamic_loader import frozen_lacks
from no_libpython_dlopen.knowledge.situations.explanation import Explanation, base_name


def explain_unusable_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a libpython that is found and is of another kind."""
    return Explanation(
        "libpython-of-another-kind",
        f"`{match['library']}` is found, and the loader cannot use it: {match['reason']}.",
        "The file is for another processor than the process (for x86_64 in an arm64 process, or for 32 "
        "bits in a process of 64), or it is not a shared library: a linker script, an incomplete "
        "download, a text file, an object file, a program, or the debugging symbols of a library.",
        (
            "`file -L PATH` shows what the file is; `nolibpy doctor` lists the others.",
            "Use one Python, and one architecture, for the program and all that it loads.",
        ),
    )


def explain_page_size(match: re.Match[str]) -> Explanation:
    """Return the explanation of a libpython that was linked for smaller pages of memory."""
    library = match["library"]
    return Explanation(
        "libpython-for-smaller-pages",
        f"`{base_name(library)}` was built for smaller memory pages than this kernel has.",
        "A library is mapped in whole pages, and the parts of this one are aligned to smaller ones, "
        "mostly of 4 kB. Kernels for arm64, loongarch64 and ppc64le may have pages of 16 or 64 kB "
        "(Raspberry Pi 5, some servers). Tools that rewrite a library, such as old versions of "
        "patchelf, can cause it as well.",
        (
            (
                "`getconf PAGESIZE` shows the kernel's page size, "
                f"`readelf -lW {library if '/' in library else 'PATH'}` what the library was linked "
                "for (Align)."
            ),
            (
                "Install a Python that was built for this system; on a Raspberry Pi 5 a kernel with "
                "pages of 4 kB works as well (`kernel=kernel8.img` in `config.txt`)."
            ),
        ),
    )


def explain_late_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a libpython for whose variables no memory is left."""
    return Explanation(
        "libpython-is-opened-too-late",
        f"`{base_name(match['library'])}` is opened while the process runs, and the memory that the "
        "loader reserves for thread-local variables (static TLS) is used up.",
        "A library that is mapped at the start of a program gets all the memory that it asks for. For "
        "libraries that are opened later the loader keeps a small reserve, which others have taken.",
        (
            (
                "`nolibpy run app.py` names what opens it in a Python program, which needs no "
                "libpython."
            ),
            (
                "A program that embeds Python: link it to libpython, or enlarge the reserve: "
                "`GLIBC_TUNABLES=glibc.rtld.optional_static_tls=8192 PROGRAM`."
            ),
        ),
    )


def explain_refused_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a libpython that the system does not let the process load."""
    library = match["library"] or match["bundled"]
    path = library if "/" in library else "PATH"
    steps: tuple[str, ...] = (
        f"`namei -l {path}` shows the permissions of the file and its directories.",
        (
            f"`findmnt -T {path}` shows whether it is mounted with `noexec`. A program made by "
            "PyInstaller unpacks itself in TMPDIR: set that to another directory."
        ),
    )
    if "bundled" in match.re.groupindex:
        steps = (f"`codesign --verify --verbose {library}` says what is wrong with the signature.",)
    return Explanation(
        "libpython-is-refused",
        f"The system does not let the process load `{library}`: {match['reason']}.",
        "The file's permissions, a file system mounted with `noexec`, a security policy (SELinux, "
        "AppArmor, code signing on macOS) or a resource limit of the process prevents it.",
        steps,
    )


def explain_newer_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a libpython whose own needs the system does not meet."""
    groups = match.groupdict()
    library = match["library"] or groups["bundled"]
    missing = match["missing"] or groups["versioned"]
    if "/_MEI" in library:
        return frozen_lacks(missing)
    return Explanation(
        "libpython-lacks-its-own-needs",
        f"`{base_name(library)}` needs `{missing}`, which no library here provides.",
        "That libpython was built on a newer system (in a container, by conda), or an older copy "
        "of a library that it needs is found first, for example through LD_LIBRARY_PATH.",
        (
            "`ldd PATH` (macOS: `otool -L PATH`) lists what it needs.",
            "Use a Python that was built on this system or an older one; unset LD_LIBRARY_PATH.",
        ),
    )
