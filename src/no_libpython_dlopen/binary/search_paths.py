"""What the entries of a binary's RPATH, RUNPATH or ``LC_RPATH`` lead to.

The loader replaces *tokens* in them (``ld.so(8)``, "Dynamic string tokens"; on macOS ``dyld(1)``).
``$ORIGIN`` is the folder of the binary. ``$LIB`` is the name of the folder that glibc was built for,
which a distributor chooses, and ``$PLATFORM`` is what the kernel or glibc calls the processor: both
have a few values for each machine, and a folder of another machine's name is not there. Where
``$PLATFORM`` names the very processor (``power9``, ``z15``, ``v7l``), such an entry is passed over.
musl knows ``$ORIGIN`` alone, and takes a path with another token for none.

In each directory glibc looks for variants for newer processors first (``ld.so(8)``, "Hardware
capabilities"), where the machine that runs it is one of these.

Sources: glibc's ``elf/dl-load.c``, ``dl-hwcaps-subdirs.c`` and ``sysdeps``; musl's
``ldso/dynlink.c``; Debian's list of multiarch tuples.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    #: The ELF header's machine, bits, and byte order; none of a Mach-O file.
    Machine = tuple[int, int, str] | tuple[()]

ORIGINS = ("$ORIGIN", "${ORIGIN}", "@loader_path")
#: The longest path that systems open.
_LONGEST = 4096
#: Debian's folders below ``lib``.
_MULTIARCH: dict[Machine, tuple[str, ...]] = {
    (3, 32, "<"): ("i386-linux-gnu",),
    (8, 64, "<"): ("mips64el-linux-gnuabi64",),
    (21, 64, "<"): ("powerpc64le-linux-gnu",),
    (22, 64, ">"): ("s390x-linux-gnu",),
    (40, 32, "<"): ("arm-linux-gnueabihf", "arm-linux-gnueabi"),
    (62, 64, "<"): ("x86_64-linux-gnu",),
    (183, 64, "<"): ("aarch64-linux-gnu",),
    (243, 64, "<"): ("riscv64-linux-gnu",),
    (258, 64, "<"): ("loongarch64-linux-gnu",),
}
_PLATFORMS: dict[Machine, tuple[str, ...]] = {
    (3, 32, "<"): ("i686", "i586"),
    (62, 64, "<"): ("x86_64", "haswell", "xeon_phi"),
    (183, 64, "<"): ("aarch64",),
    (258, 64, "<"): ("loongarch",),
}
VARIANTS = "glibc-hwcaps"
#: The directories in this one, the best first.
_VARIANTS: dict[Machine, tuple[str, ...]] = {
    (21, 64, "<"): ("power10", "power9"),
    (22, 64, ">"): ("z17", "z16", "z15", "z14", "z13"),
    (62, 64, "<"): ("x86-64-v4", "x86-64-v3", "x86-64-v2"),
}


def variant_folders(machine: Machine, needed: Iterable[str]) -> tuple[str, ...]:
    """Return the directories in ``VARIANTS`` with libraries for newer processors.

    >>> variant_folders((21, 64, "<"), ["libc.so.6"])
    ('power10', 'power9')
    """
    return () if uses_musl(needed) else _VARIANTS.get(machine, ())


def expand_tokens(entry: str, origin: str, machine: Machine, libs: Iterable[str] = ()) -> list[str]:
    """Return the paths that an entry may stand for; none where nobody can say.

    ``origin`` is the folder of the binary with that ``machine``, ``libs`` what ``$LIB`` may be
    (default: ``lib_folders``).

    >>> expand_tokens("$ORIGIN/../${LIB}", "/opt/a/bin", (183, 64, "<"))
    ['/opt/a/bin/../lib64', '/opt/a/bin/../lib', '/opt/a/bin/../lib/aarch64-linux-gnu']
    """
    if len(entry) > _LONGEST:
        return []
    for token in ORIGINS:
        if entry.startswith(token):
            entry = (origin or ".") + entry[len(token) :]
            break
    paths = [entry]
    if "$" in entry:
        known = (("LIB", libs or lib_folders(machine)), ("PLATFORM", _PLATFORMS.get(machine, ())))
        for name, values in known:
            for token in (f"${{{name}}}", f"${name}"):
                if token in entry:
                    paths = [path.replace(token, value) for path in paths for value in values]
    return paths


def lib_folders(machine: Machine) -> tuple[str, ...]:
    """Return the values that ``$LIB`` has for a machine, of one distribution or another."""
    wide = machine[1:2] == (64,)
    named = (f"lib/{name}" for name in _MULTIARCH.get(machine, ()))
    return (*(("lib64", "lib") if wide else ("lib", "lib32")), *named)


def uses_musl(needed: Iterable[str]) -> bool:
    """Return whether a binary with these needs is linked to musl, Alpine's C library."""
    return any(name == "libc.so" or name.startswith("libc.musl-") for name in needed)


def counted_entries(entries: str, needed: Iterable[str]) -> tuple[str, ...]:
    """Return the entries of an ELF file's search path that the C library that it needs considers."""
    found = tuple([entry for entry in entries.split(":") if entry])
    if "$" in entries and uses_musl(needed):
        plain = entries.replace("${ORIGIN}", "").replace("$ORIGIN", "")
        return () if "$" in plain else found
    return found
