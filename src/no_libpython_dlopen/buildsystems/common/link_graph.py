"""The link graph of a build file: which targets a reference to libpython reaches.

A reader adds a ``LinkUse`` for each target that gets a reference, on each platform that
the file is read for. All uses of one place are judged together: the place violates a
rule if it reaches an extension module on plain Unix, and it may be edited only where
that is right for every target that uses it. The verdict, the reasons against a fix and
the fact are the same in all build languages; a language brings the edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.link_fact import HOST, MACOS, STRICT, link, make_fix
from no_libpython_dlopen.knowledge.link_references import EMBED_SUFFIX
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, DARWIN, Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Fix, Related
from no_libpython_dlopen.model.limits import LINK_USES
from no_libpython_dlopen.model.source import Source


class TargetKind(Enum):
    """What is linked."""

    EXTENSION_MODULE = "extension module"
    PROGRAM = "program"
    LIBRARY = "library"
    UNKNOWN = "unknown"


class Target(NamedTuple):
    """What a reference is linked to; ``name`` is empty where it is not known."""

    name: str
    kind: TargetKind


class ReferenceKind(Enum):
    """How a build file refers to libpython, which decides the rule and the edit."""

    FLAG = "-lpython3.11, python3.11 or a path"
    FOUND = "find_library(… python3.11)"
    PRELOAD = "LD_PRELOAD=libpython3.11.so"
    TARGET = "Python3::Python"
    VARIABLE = "${Python3_LIBRARIES}"
    LEGACY_VARIABLE = "${PYTHON_LIBRARIES}"
    PYBIND11 = "pybind11::embed"
    SHARED = "SHARED"
    KEYWORD = "embed: true"
    PACKAGE = "python3-embed"
    CONFIG = "python3-config --embed"
    SYSCONFIG = "sysconfig's LDLIBRARY"
    CONFIGURE = "$(PYTHON_EMBED_LIBS)"
    LABEL = "@rules_python//python/cc:current_py_cc_libs"

    @property
    def embeds(self) -> bool:
        """Whether it is a setting of embedding programs (NLP202), not libpython's name (NLP201)."""
        return self not in (ReferenceKind.FLAG, ReferenceKind.FOUND, ReferenceKind.PRELOAD)


class Blocker(str, Enum):
    """Why a reference is reported but not edited; the first that holds is given to the user."""

    PRELOADED = "an extension module may rely on it, and has to be built without the link"
    CONFIGURED = "configure may set it to other libraries, too"
    SHARED = "other targets may link a `SHARED` library, and none can link a `MODULE`"
    LABEL = "what it provides on Windows has to come from elsewhere"
    NO_VALUE = "the variable would have no value, which is an error"
    ENVIRONMENT = "it applies to everything that is built in this environment"
    EMPTY_LIBRARY = "an empty string would name an empty library"
    CHECK = "the configuration check adds it"
    IN_FUNCTION = "it is in a function or macro, which others may call"
    COMMANDS = "commands of the project's own may link a program with it as well"
    PROJECT = "it is linked to all targets of the project"
    OTHER_TARGET = (
        "something that is not an extension module uses it, too: give the module one of its own"
    )
    LINKED = "a program or library of the project links the module, and gets libpython through it"
    OTHER_LIBRARY = "it may be another library as well"
    OTHER_MODULE = "another module of the project names it"
    UNREAD = "parts of the project that may use it could not be read"
    ASSEMBLED = "its value is assembled from several places"
    STRICT = STRICT
    EMBEDDED = "commands inside of another language are not rewritten"
    NO_EDIT = "no single edit removes it"

    # What a language finds while it looks for the edit.
    MACOS = MACOS
    HEADERS = "the target may provide Python's headers as well"
    NOT_FOUND = "no `find_package({})` was found"
    NO_MINIMUM = "the CMake that the project requires is not known"
    OLD_CMAKE = "`{}::Module` needs CMake 3.15, and the project allows older ones"
    NO_COMPONENT = "no `Development.Module` of `{}` is found"
    PKG_CONFIG = "use pkg-config's `python3` in place of `python3-embed`"
    COMBINED_FLAG = "the flag contains other options, too"
    SEPARATE_PATH = "the path of the library is built outside of the list"
    IN_LOOP = "the loop uses each item for something else, too"
    CALLED = "`{}` is called elsewhere, too"
    USED = "`{}` is used for something else as well"

    def about(self, name: str) -> str:
        """Return the sentence about a name."""
        return self.value.format(name)


_OF_KIND = {
    ReferenceKind.PRELOAD: Blocker.PRELOADED,
    ReferenceKind.SHARED: Blocker.SHARED,
    ReferenceKind.LABEL: Blocker.LABEL,
}
_PRECEDENCE = {blocker: number for number, blocker in enumerate(Blocker)}

Written = TypeVar("Written")


@dataclass(frozen=True, slots=True)
class LinkUse(Generic[Written]):
    """A target gets, on a platform, the reference that is written at ``span``.

    ``written`` is what the language's edit needs to know of that place. ``via`` is the
    command that links it, if that is another one of this file. ``counterpart`` is what an
    extension module links instead. An ``exempt`` use links no libpython, since another
    branch links the counterpart, say, but an edit would change it as well. ``is_shared``
    says that files which were not read may use the place, too, ``may_host`` that the target may
    start an interpreter in a program that has none.
    """

    span: Span
    kind: ReferenceKind
    target: Target
    platform: Platform
    written: Written
    via: Span | None = None
    counterpart: str = ""
    exempt: bool = False
    is_shared: bool = False
    sets_dynamic_lookup: bool = False
    may_host: bool = False
    blockers: tuple[Blocker, ...] = ()

    @property
    def is_violating(self) -> bool:
        """Whether it links an extension module to libpython on plain Unix."""
        return (
            self.target.kind is TargetKind.EXTENSION_MODULE
            and self.platform is not ANY_PLATFORM
            and not self.exempt
        )


@dataclass(frozen=True, slots=True)
class Reference(Generic[Written]):
    """A place that refers to libpython and violates a rule, with all of its uses."""

    uses: tuple[LinkUse[Written], ...]
    violating: tuple[LinkUse[Written], ...]

    @property
    def first(self) -> LinkUse[Written]:
        """The use that is reported."""
        return self.violating[0]

    @property
    def is_strict(self) -> bool:
        """Whether the linker is told to refuse undefined symbols of a target."""
        return any(Blocker.STRICT in use.blockers for use in self.uses)

    @property
    def needs_dynamic_lookup(self) -> bool:
        """Whether macOS needs ``-undefined dynamic_lookup`` in its place."""
        return any(use.platform is DARWIN for use in self.violating) and not all(
            use.sets_dynamic_lookup for use in self.violating
        )


#: The uses of each place that refers to libpython.
Uses = dict[Span, list[LinkUse[Written]]]


def keep_use(uses: Uses[Written], use: LinkUse[Written]) -> None:
    """Keep a use with those of the same place, within bounds."""
    kept = uses.setdefault(use.span, [])
    if len(kept) < LINK_USES:
        kept.append(use)
    elif use.target.kind is not TargetKind.EXTENSION_MODULE:  # it speaks against an edit
        kept[-1] = use


class LinkGraph(Generic[Written]):
    """The references of one file to libpython, and the targets that get them."""

    def __init__(self, source: Source, uses: Uses[Written] | None = None) -> None:
        self.source = source
        #: Whether all of the project that may use a reference could be read.
        self.is_complete = True
        #: Whether an edit of the language leaves undefined symbols to a strict link line.
        self.edits_strict_lines = False
        #: Paths of files of which is known to which targets they give strict flags.
        self.known_files: frozenset[str] = frozenset()
        #: Places that are, in a loop say, another library as well.
        self.other_libraries: set[Span] = set()
        self._uses: Uses[Written] = {} if uses is None else uses
        self._references: list[Reference[Written]] | None = None

    def add(self, use: LinkUse[Written]) -> None:
        """Keep a use."""
        self._references = None
        keep_use(self._uses, use)

    def remove(self, spans: Iterable[Span]) -> None:
        """Forget the uses at these places."""
        self._references = None
        for span in spans:
            self._uses.pop(span, None)

    def references(self) -> list[Reference[Written]]:
        """Return the places that violate a rule, in the order of the file."""
        if self._references is None:
            self._references = list(self._find_references())
        return self._references

    def _find_references(self) -> Iterator[Reference[Written]]:
        for _, uses in sorted(self._uses.items()):
            violating = tuple(use for use in uses if use.is_violating)
            if violating:
                yield Reference(tuple(uses), violating)

    def fix_blocker(self, reference: Reference[Written]) -> str:
        """Return the reason why a reference must not be edited, empty where there is none."""
        found = {blocker for use in reference.uses for blocker in use.blockers}
        if self.edits_strict_lines:
            found.discard(Blocker.STRICT)
        if reference.first.kind in _OF_KIND:
            found.add(_OF_KIND[reference.first.kind])
        if any(use.target.kind is not TargetKind.EXTENSION_MODULE for use in reference.uses):
            found.add(Blocker.OTHER_TARGET)
        if reference.first.span in self.other_libraries:
            found.add(Blocker.OTHER_LIBRARY)
        if not self.is_complete and any(use.is_shared for use in reference.uses):
            found.add(Blocker.UNREAD)
        return min(found, key=_PRECEDENCE.__getitem__, default="")

    def links(self, edit: Callable[[Reference[Written]], Fix | str]) -> Iterator[Link]:
        """Yield a fact for each reference that violates a rule.

        ``edit`` returns the fix of a reference that nothing blocks, or why there is none.
        """
        for reference in self.references():
            use = reference.first
            outcome: Fix | str = analysis.PARTLY_READ
            with analysis.until_limit():
                analysis.check_time()
                if not analysis.is_cut():  # an edit would be for what is known only
                    outcome = self.fix_blocker(reference) or edit(reference)
            reason = outcome if isinstance(outcome, str) else ""
            fix = None if isinstance(outcome, str) else outcome
            if fix is not None and any(each.may_host for each in reference.uses):
                fix = make_fix(fix.message, fix.edits, (*fix.caveats, HOST))
            deletes = fix is not None and not fix.edits[0].new
            yield link(
                self.source,
                *use.span,
                fix,
                embedding=use.kind.embeds,
                target=use.target.name,
                instead="" if deletes else use.counterpart,
                no_fix_reason=reason.value if isinstance(reason, Blocker) else reason,
                related=self._related_places(use),
                preloaded=use.kind is ReferenceKind.PRELOAD,
                known=self.known_files,
            )

    def _related_places(self, use: LinkUse[Written]) -> tuple[Related, ...]:
        """Return the location of the link, or of the Python, that gets a reference from elsewhere.

        There is none if it contains the reference or is on its line: nobody has to look for it.
        """
        if use.via is None:
            return ()
        between = slice(min(use.span[1], use.via[1]), max(use.span[0], use.via[0]))
        if "\n" not in self.source.text[between]:
            return ()
        start, end = (self.source.locate(offset) for offset in use.via)
        is_preload = use.kind is ReferenceKind.PRELOAD
        message = "it is preloaded into this Python" if is_preload else "it is linked here"
        return (Related(message, start, end),)


def package_of_modules(text: str, span: Span, caveats: Sequence[str] = ()) -> Fix | str:
    """Return the fix that asks for ``python3`` in place of pkg-config's ``python3-embed``."""
    at = text.rfind(EMBED_SUFFIX, *span)
    if at < 0:
        return Blocker.NO_EDIT
    edit = deletions.span(text, at, at + len(EMBED_SUFFIX))
    return make_fix("use pkg-config's `python3`", (edit,), caveats)
