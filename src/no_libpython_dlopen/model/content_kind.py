"""File types, known by a file's first bytes, where its name says nothing."""

from __future__ import annotations

from no_libpython_dlopen.model.kind import Kind

#: Bytes of a file that ``kind_of_head`` asks for: the longest first line that a kernel reads.
HEAD_SIZE = 264

_MACH_O = frozenset(
    bytes.fromhex(magic)
    for magic in ("feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe", "cafebabf")
)
#: Files of other systems' linkers and WebAssembly modules, which are none of ours.
_OTHER_LIBRARIES = (b"MZ", b"!<arch>\n", b"!<thin>\n", b"\0asm")
#: Suffixes that mean an archive to some and a text to others, as test runners' snapshots.
_AMBIGUOUS = (".snap", ".sqsh", ".sfs")
#: Suffixes of packages that notes and scripts about packages have as well (``README.rpm``).
_ALSO_TEXTS = (".rpm", ".deb", ".egg")
#: Why archives of other formats are not read, and the suffixes of these.
OTHER_FORMATS = "archives of other formats are not read"
_OTHER_ARCHIVES = (
    *(".7z", ".cab", ".cpio", ".dmg", ".gem", ".ipk", ".iso", ".msi", ".nupkg", ".rar", ".xbps"),
    *(".xpi", ".tar.lz", ".tar.lz4", ".tar.lzo", ".tar.Z"),
)
_BYTE_CODE = (".pyc", ".pyo")
#: How PyInstaller's archive of byte code begins, which has the suffix of a zipapp.
BYTE_CODE_ARCHIVE = b"PYZ\0"
#: Bytes of a ``.pth`` file that ``may_be_path_configuration`` asks for.
PATH_CONFIGURATION_HEAD = 1 << 16
_ZIP = b"PK\x03\x04"
#: And Debian's packages, RPM's, squashfs images.
_ARCHIVES = (_ZIP, b"!<arch>\ndebian-binary", b"\xed\xab\xee\xdb", b"hsqs")
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x5d\0\0")
#: In the padding of an ELF file's first bytes: an AppImage of type 1, and one of type 2.
APPIMAGES = (b"AI\x01", b"AI\x02")
#: The beginning of the pointer that Git LFS has in place of a file, and what a report says of it.
_POINTER = b"version https://git-lfs"
NOT_FETCHED = "Git LFS has left a pointer in its place; `git lfs pull` fetches it"
_SHELLS = (b"sh", b"bash", b"dash", b"ash", b"ksh", b"mksh", b"zsh")
#: Programs that run a script with the dependencies that it names itself (PEP 723).
_RUNNERS = (b"uv", b"uvx", b"pipx", b"hatch", b"pdm")


def says_nothing(name: str) -> bool:
    """Return whether a file's name tells nothing, so that its first bytes are to be asked."""
    return "." not in name or name.endswith(_AMBIGUOUS)


def may_be_text(name: str) -> bool:
    """Return whether a file of an archive's name may be a text, as its first bytes then tell."""
    return name.endswith(_ALSO_TEXTS)


def is_text_head(head: bytes) -> bool:
    r"""Return whether a file of these first bytes is a text, and not the text for a missing file.

    >>> is_text_head(b"Notes"), is_text_head(b"\x7fELF"), is_text_head(b"")
    (True, False, False)
    """
    printable = head.decode("latin-1").replace("\n", " ").replace("\r", " ").replace("\t", " ")
    return printable.isprintable() and bool(head) and not is_pointer(head)


def is_pointer(head: bytes) -> bool:
    """Return whether a file of these first bytes stands for one that Git LFS has not fetched."""
    return head.startswith(_POINTER)


def may_be_path_configuration(head: bytes) -> bool:
    r"""Return whether a ``.pth`` file of these first bytes is one for Python.

    Others hold the weights of a model: a pickle, or a zip archive with one.

    >>> may_be_path_configuration(b"import a\n"), may_be_path_configuration(b"\x80\x02}")
    (True, False)
    """
    is_pickle = head[:1] == b"\x80" and head[1:2] < b"\t"
    return not (is_pickle or head.startswith(_ZIP) or b"\0" in head)


def reason_not_read(path: str) -> str:
    """Return why a member of an archive that may contain Python is not read; empty for others.

    >>> reason_not_read("spam/a.pyc"), reason_not_read("spam/a.png")
    ('byte code is not read', '')
    """
    if path.endswith(_BYTE_CODE):
        return "byte code is not read"
    return OTHER_FORMATS if path.endswith(_OTHER_ARCHIVES) else ""


def may_be_library(head: bytes) -> bool:
    r"""Return whether a file that is named like a library may be one, by its first bytes.

    Some are texts for the linker, or empty.

    >>> may_be_library(b"GROUP ( libx.so.1 )"), may_be_library(b""), may_be_library(bytes(4))
    (True, True, False)
    """
    if head.startswith((b"\x7fELF", *_OTHER_LIBRARIES)) or head[:4] in _MACH_O:
        return True
    text = head.decode("utf-8", "replace")
    if "\ufffd" in text[:-1]:  # at the end a character may be cut
        return is_text_head(head)
    return all((char >= " " and char != "\x7f") or char in "\t\n\f\r" for char in text)


def is_archive_head(head: bytes) -> bool:
    """Return whether a file of these first bytes can be an archive other than a plain tar.

    >>> is_archive_head(b"PK\\x05\\x06"), is_archive_head(b"no archive")
    (True, False)
    """
    return head.startswith((*_ARCHIVES, b"PK", b"!<arch>", b"#!", b"\x7fELF", *_COMPRESSED))


def kind_of_head(head: bytes) -> Kind | None:
    """Return the file type that the first bytes tell: a script, a binary, an archive.

    >>> kind_of_head(b"#!/usr/bin/env python3\\nPK\\x03\\x04")
    <Kind archive>
    """
    if head.startswith(b"#!"):
        first, _, rest = head.partition(b"\n")
        return Kind.ARCHIVE if rest.startswith(_ZIP) else _kind_of_script(first[2:])
    if head.startswith(b"\x7fELF"):
        return Kind.ARCHIVE if head[8:11] in APPIMAGES else Kind.BINARY
    if head[:4] in _MACH_O:
        return Kind.BINARY
    return Kind.ARCHIVE if head.startswith(_ARCHIVES) else None


def _kind_of_script(interpreter: bytes) -> Kind | None:
    """Return the file type that a script's first line tells, without ``#!``."""
    words = [word.rpartition(b"/")[2] for word in interpreter.split() if not word.startswith(b"-")]
    words = [word for word in words if b"=" not in word]  # env's settings
    if words[:1] == [b"env"]:
        del words[0]
    program = words[0] if words else b""
    if b"python" in program or program.startswith(b"pypy") or program in _RUNNERS:
        return Kind.PYTHON
    if program in (b"make", b"gmake"):
        return Kind.MAKE
    return Kind.SHELL if program in _SHELLS else None
