"""File types, known by the file's name alone.

Apart from ``source``, since discovery asks this for every file of a tree: a run that finds
nothing to decode never imports more than this.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar


class Kind:
    """A file type: by which names and suffixes it is known, and what editors call it.

    Creating one makes it known to ``kind_of``. Each exists once, also after a pickle.
    """

    __slots__ = ("value",)

    PYTHON: ClassVar[Kind]
    NOTEBOOK: ClassVar[Kind]
    PATH_CONFIGURATION: ClassVar[Kind]
    CYTHON: ClassVar[Kind]
    SETUP_CFG: ClassVar[Kind]
    PYPROJECT: ClassVar[Kind]
    CMAKE: ClassVar[Kind]
    MESON: ClassVar[Kind]
    MAKE: ClassVar[Kind]
    AUTOMAKE: ClassVar[Kind]
    AUTOCONF: ClassVar[Kind]
    SHELL: ClassVar[Kind]
    DOCKERFILE: ClassVar[Kind]
    SCONS: ClassVar[Kind]
    WAF: ClassVar[Kind]
    BAZEL: ClassVar[Kind]
    CARGO: ClassVar[Kind]
    RUST_BUILD: ClassVar[Kind]
    CARGO_CONFIG: ClassVar[Kind]
    YAML: ClassVar[Kind]
    RPM_SPEC: ClassVar[Kind]
    TOX: ClassVar[Kind]
    NIX: ClassVar[Kind]
    BINARY: ClassVar[Kind]
    ARCHIVE: ClassVar[Kind]

    def __init__(
        self,
        value: str,
        *,
        names: tuple[str, ...] = (),
        suffixes: tuple[str, ...] = (),
        language_ids: tuple[str, ...] = (),
    ) -> None:
        self.value = value
        KINDS[value] = self
        _BY_NAME.update(dict.fromkeys(names, self))
        _BY_SUFFIX.update(dict.fromkeys(suffixes, self))
        BY_LANGUAGE_ID.update(dict.fromkeys(language_ids, self))

    def __repr__(self) -> str:
        return f"<Kind {self.value}>"

    def __reduce__(self) -> tuple[Callable[[str], Kind], tuple[str]]:
        return _kind_of_value, (self.value,)


def _kind_of_value(value: str) -> Kind:
    return KINDS[value]


#: All kinds, by their value.
KINDS: dict[str, Kind] = {}
#: By what editors call the language of a file whose name does not say it.
BY_LANGUAGE_ID: dict[str, Kind] = {}
_BY_NAME: dict[str, Kind] = {}
_BY_SUFFIX: dict[str, Kind] = {}

Kind.PYTHON = Kind("python", suffixes=("py", "pyw", "wsgi", "tac"), language_ids=("python",))
Kind.NOTEBOOK = Kind("notebook", suffixes=("ipynb",))
Kind.PATH_CONFIGURATION = Kind("path-configuration", suffixes=("pth",))
Kind.CYTHON = Kind("cython", suffixes=("pyx", "pxd", "pxi"), language_ids=("cython",))
Kind.SETUP_CFG = Kind("setup.cfg", names=("setup.cfg",))
Kind.PYPROJECT = Kind("pyproject.toml", names=("pyproject.toml",))
Kind.CMAKE = Kind(
    "cmake",
    names=("CMakeLists.txt", "CMakeLists.txt.in"),
    suffixes=("cmake",),
    language_ids=("cmake",),
)
Kind.MESON = Kind("meson", names=("meson.build",), language_ids=("meson",))
Kind.MAKE = Kind(
    "make",
    names=("Makefile", "makefile", "GNUmakefile", "Submakefile", "Make.rules"),
    suffixes=("mk", "mak", "inc"),
    language_ids=("makefile",),
)
Kind.AUTOMAKE = Kind("automake", names=("Makefile.am",), suffixes=("am",))
Kind.AUTOCONF = Kind("autoconf", names=("configure.ac", "configure.in"))
Kind.SHELL = Kind(
    "shell",
    names=("PKGBUILD", "APKBUILD"),
    suffixes=("sh", "bash", "ebuild"),
    language_ids=("shellscript", "sh", "bash"),
)
Kind.DOCKERFILE = Kind(
    "dockerfile",
    names=("Dockerfile", "Containerfile"),
    suffixes=("dockerfile",),
    language_ids=("dockerfile",),
)
Kind.SCONS = Kind(
    "scons",
    names=(
        "SConstruct",
        "Sconstruct",
        "sconstruct",
        "SConscript",
        "Sconscript",
        "sconscript",
        "SCsub",
    ),
)
Kind.WAF = Kind("waf", names=("wscript", "wscript_build"))
Kind.BAZEL = Kind(
    "bazel", names=("BUILD",), suffixes=("bzl", "bazel", "BUILD"), language_ids=("starlark",)
)
Kind.CARGO = Kind("cargo", names=("Cargo.toml",))
Kind.RUST_BUILD = Kind("build.rs", names=("build.rs",))
Kind.CARGO_CONFIG = Kind("cargo-config")
Kind.YAML = Kind(
    "yaml",
    names=(
        *("meta.yaml", "recipe.yaml", "action.yml", "action.yaml", ".gitlab-ci.yml", ".travis.yml"),
        *("azure-pipelines.yml", "azure-pipelines.yaml", "bitbucket-pipelines.yml"),
    ),
)
Kind.RPM_SPEC = Kind("rpm-spec", suffixes=("spec",), language_ids=("spec",))
Kind.TOX = Kind("tox.ini", names=("tox.ini",))
Kind.NIX = Kind("nix", suffixes=("nix",), language_ids=("nix",))
Kind.BINARY = Kind("binary", suffixes=("so", "dylib"))
#: Second suffixes that make a tar archive of another one.
_COMPRESSION = frozenset(("gz", "bz2", "xz", "zst", "lzma"))
Kind.ARCHIVE = Kind(
    "archive",
    suffixes=(
        *(
            "whl",
            "egg",
            "zip",
            "pyz",
            "pyzw",
            "pex",
            "shiv",
            "jar",
            "war",
            "ear",
            "aar",
            "apk",
            "conda",
        ),
        *("deb", "udeb", "rpm", "squashfs", "AppImage", "appimage", "crate"),
        *("tar", "tgz", "tbz", "tbz2", "txz", "tzst", *(f"tar.{end}" for end in _COMPRESSION)),
    ),
)


def kind_of(path: str) -> Kind | None:
    """Return the kind that ``path``'s name says, or ``None`` where the name says none.

    >>> kind_of("src/a.py")
    <Kind python>
    """
    name = path.rpartition("/")[2]
    _, dot, suffix = name.rpartition(".")
    kind = _BY_NAME.get(name) or (_BY_SUFFIX.get(suffix) if dot else None)
    if kind in (Kind.ARCHIVE, Kind.BINARY) and suffix not in _PACKED:
        # ``Dockerfile.rpm`` says how the package is built.
        kind = _kind_of_variant(name) or kind
    if kind is None and suffix in _COMPRESSION:
        kind = _BY_SUFFIX.get(".".join(name.rsplit(".", 2)[1:]))
    return kind or _kind_of_variant(name) or _kind_by_folder(path, name)


#: Suffixes of archives into which a build file may be packed.
_PACKED = frozenset({"zip", "tar", "tgz", "tbz", "tbz2", "txz", "tzst"})
#: Suffixes of copies of a file, and of patches for it.
_COPIES = frozenset({"orig", "rej", "bak", "swp", "old", "patch", "diff"})
#: What follows "Makefile." where it is no makefile: Perl that writes one, prose, a template.
_NO_MAKEFILES = _COPIES | {"PL", "pl", "md", "rst", "txt", "html", "j2", "erb", "d", "sln"}


def _kind_of_variant(name: str) -> Kind | None:
    """Return the kind of one of several build files in a folder: ``Makefile.linux``."""
    stem, dot, _ = name.partition(".")
    end = name.rpartition(".")[2]
    if not dot:
        program = name.lower().partition("-")[0]
        if program in ("dockerfile", "containerfile"):
            return Kind.DOCKERFILE
        return Kind.MAKE if name.startswith(("Makefile-", "makefile-", "GNUmakefile-")) else None
    if stem in ("Makefile", "makefile", "GNUmakefile"):
        return None if end in _NO_MAKEFILES else Kind.MAKE
    if name.startswith("CMakeLists") and name.endswith(".txt"):
        return Kind.CMAKE  # a part that the CMakeLists.txt includes
    lowered = name.lower()
    if lowered.startswith(("dockerfile.", "containerfile.")) and end not in _COPIES:
        return Kind.DOCKERFILE
    return Kind.DOCKERFILE if lowered.endswith((".dockerfile", ".containerfile")) else None


def _kind_by_folder(path: str, name: str) -> Kind | None:
    """Return the kind of a file that its folder tells: a workflow, settings of Cargo."""
    if name.endswith((".yml", ".yaml")) and f"/{path}".endswith(
        (f"/.github/workflows/{name}", "/.circleci/config.yml")
    ):
        return Kind.YAML
    if name in ("config.toml", "config") and f"/{path}".endswith(f"/.cargo/{name}"):
        return Kind.CARGO_CONFIG
    return None
