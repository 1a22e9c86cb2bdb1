"""Checks one file, or a batch of them: read, prefilter, check, fix in memory.

A clean file costs a read and a search of its bytes. Everything that a file with
something in it needs is imported when the first such file comes.
"""

from __future__ import annotations

import gc

from no_libpython_dlopen.engine.dispatch import BINARY_KINDS
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.engine.syntax_check import is_parsable
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.given_paths import LEADS_OUT
from no_libpython_dlopen.files.safe_open import read_file
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.kind import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.binary.archives.texts import TextMembers
    from no_libpython_dlopen.binary.system_root import SystemRoot
    from no_libpython_dlopen.engine.result import FileResult
    from no_libpython_dlopen.engine.target import TargetFile
    from no_libpython_dlopen.files.atomic_write import WriteRefused
    from no_libpython_dlopen.model.facts import Fact
    from no_libpython_dlopen.model.source import Source, Unreadable

    Batch = tuple[int, list[FileResult]]

#: Kinds that the prefilter cannot reject from raw bytes.
_NOT_AT_ONCE = frozenset({Kind.NOTEBOOK, Kind.ARCHIVE})
#: Suffixes of archives of Python. Others are often data: PyInstaller and cx_Freeze leave the byte
#: code of the standard library in one.
_OF_PYTHON = (".egg", ".pyz", ".pyzw", ".whl")


class Task:
    """What to do with each file; small enough to be sent to a worker.

    ``output_dir`` is where repaired binaries and archives go instead of into their own
    place; texts are only checked then. ``root`` is the directory that is the root of the system that binaries belong to,
    empty for none. With ``managed`` files of package managers are fixed, too.
    """

    __slots__ = ("fix", "managed", "output_dir", "root", "write")

    def __init__(
        self,
        *,
        fix: bool = False,
        write: bool = False,
        output_dir: str | None = None,
        root: str = "",
        managed: bool = False,
    ) -> None:
        self.fix = fix
        self.managed = managed
        self.write = write
        self.output_dir = output_dir
        self.root = root

    @property
    def writes(self) -> bool:
        """Whether files may be written between the checks of two of them."""
        return self.write or self.output_dir is not None


def raise_gc_thresholds() -> None:
    """Have this process, which is one run or a part of one, seldom look for cycles.

    Trees of syntax are large and hold none: looking through them for some, with Python's
    usual thresholds, takes as long as parsing them, and a tenth of libcst's import.
    """
    gc.set_threshold(50_000, 20, 20)


def check_batch(task: Task, batch: list[TargetFile]) -> Batch:
    """Return the number of files in a batch, and the results of those that have any."""
    with file_tree.Snapshot(is_wanted=not task.writes):
        results = [result for target in batch for result in _results_of(target, task)]
    count = sum(not target.problem and target.kind is not None for target in batch)
    return count, results


def _results_of(target: TargetFile, task: Task) -> Iterator[FileResult]:
    """Yield the result of a file, if there is any, and those of the texts in an archive."""
    if target.kind is not Kind.ARCHIVE or target.problem:
        result = check_file(target, task)
        if result is not None:
            yield result
        return
    from no_libpython_dlopen.binary.archives.texts import TextMembers
    from no_libpython_dlopen.engine.members.check_members import check_members

    settings = target.settings
    with TextMembers(lambda path: settings.excludes(f"{target.path}!{path}")) as texts:
        result = check_file(target, task, texts)
        members = check_members(texts, target.path, settings)
        first = next(members, None)
        if first is not None and result is not None and not result.findings:
            result = _without_copy(result, task)
        yield from (each for each in (result, first) if each is not None)
        yield from members


def prefilter_batch(task: Task, batch: list[TargetFile]) -> tuple[int, list[TargetFile]]:
    """Return the number of files that are clean by their bytes, and the others. Never raises."""
    with file_tree.Snapshot():
        rest = [target for target in batch if not _is_clean(target, task)]
    return len(batch) - len(rest), rest


def _is_clean(target: TargetFile, task: Task) -> bool:
    """Return whether a file is rejected by its bytes; what cannot be read is not clean."""
    kind = target.kind
    if target.problem or kind in _NOT_AT_ONCE or kind is None:
        return False
    try:
        if kind in BINARY_KINDS:
            from no_libpython_dlopen.binary import reader

            return not any(True for _ in reader.read(target.path, kind, root=root_of(task)))
        data = read_file(target.path)
        if prefilter(kind, data, target.path).may_contain_finding:
            return False
        return not target.is_named or is_parsable(kind, data)
    except Exception:  # noqa: BLE001  whoever checks it says what is wrong
        return False


def check_file(
    target: TargetFile, task: Task, texts: TextMembers | None = None
) -> FileResult | None:
    """Return the result of one file, ``None`` for a clean one. Never raises an ``Exception``.

    ``texts`` is filled with the texts of an archive, which are not part of that result.
    """
    if target.problem:
        return unreadable_result(target, target.problem)
    if target.kind is None:
        return None
    try:
        if target.kind in BINARY_KINDS:
            result = _check_binary(target, target.kind, task, texts)
        else:
            result = _check_text(target, target.kind, task)
        given = target.given
        if result is None or given is None:
            return result
        if not given.may_show(target.path):  # a folder may have become a link since discovery
            return unreadable_result(target, LEADS_OUT)
        return result._replace(given=given)
    except OSError as error:
        return unreadable_result(target, f"cannot be read: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001  the other files must still be checked
        from no_libpython_dlopen.engine.check_source import internal_error

        return unreadable_result(target, internal_error(error))


def unreadable_result(target: TargetFile, reason: str) -> FileResult:
    """Return the result of a file that cannot be read."""
    from no_libpython_dlopen.model.facts import Unread

    return _result(target, [Unread(reason)])


def refused_result(result: FileResult, error: Unreadable | WriteRefused) -> FileResult:
    """Return the result of a file that cannot be read, or whose fixed form cannot be written.

    The error comes first, and is the reason why its findings have no fix.
    """
    from no_libpython_dlopen.engine.check_source import apply_rules, without_fixes
    from no_libpython_dlopen.engine.result import FileResult
    from no_libpython_dlopen.files.atomic_write import WriteRefused
    from no_libpython_dlopen.model.facts import Unread

    findings = without_fixes([*(result.found or result.findings)], str(error))
    return FileResult(
        result.path,
        (*apply_rules([Unread(str(error))], result.path), *findings),
        result.before,
        written=not isinstance(error, WriteRefused),
    )


def _result(target: TargetFile, facts: Iterable[Fact]) -> FileResult:
    from no_libpython_dlopen.engine.check_source import apply_rules, select_findings
    from no_libpython_dlopen.engine.result import FileResult

    findings = apply_rules(facts, target.path)
    return FileResult(
        target.path,
        tuple(select_findings(findings, target.settings, target.path)),
        analysed=not any(item.is_unreadable for item in findings),
    )


def _check_text(target: TargetFile, kind: Kind, task: Task) -> FileResult | None:
    data = read_file(target.path)
    prefiltered = prefilter(kind, data, target.path)
    broken = target.is_named and not is_parsable(kind, data)
    if not (broken or prefiltered.may_contain_finding):
        return None
    from no_libpython_dlopen.engine.dispatch import source_of

    source = source_of(target.path, kind, data, prefiltered)
    return check_text(source, target, task, broken=broken)


def check_text(
    source: Source, target: TargetFile, task: Task, *, broken: bool = False
) -> FileResult | None:
    """Return the result of a text, fixed in memory if the task says so.

    A ``broken`` one, which this interpreter cannot parse, is checked in any case.
    """
    if task.fix and task.output_dir is None and not target.settings.flawed and not broken:
        from no_libpython_dlopen.engine.fix_text import fix_text

        result = fix_text(source, target.settings, unsafe=target.settings.unsafe_fixes)
        return result if result.findings or result.before or not result.analysed else None
    from dataclasses import replace

    from no_libpython_dlopen.engine.check_source import read_and_check
    from no_libpython_dlopen.engine.result import FileResult

    findings, readable = read_and_check(source, target.settings, always=broken)
    if not findings and readable:
        return None
    if target.settings.unsafe_fixes:
        chosen = [item.fix and item.fix.choose(unsafe=True) for item in findings]
        findings = [replace(item, fix=fix) for item, fix in zip(findings, chosen, strict=True)]
    return FileResult(target.path, tuple(findings), source, analysed=readable)


def _check_binary(
    target: TargetFile, kind: Kind, task: Task, texts: TextMembers | None
) -> FileResult | None:
    facts = _facts_of_binary(target, kind, task, texts)
    if not facts and task.output_dir is None:
        return None
    result = _result(target, facts)
    if task.fix and target.remote is None and not target.settings.flawed:
        unsafe = target.settings.unsafe_fixes
        fixes = [item.fix.applicability.value for item in result.findings if item.fix]
        copied = not result.unreadable and _is_copied(target.path, task)
        if "safe" in fixes or (unsafe and fixes) or (copied and not result.findings):
            result = result._replace(repair="unsafe" if unsafe else "safe")
        elif copied:
            result = _without_copy(result, task)
    return result if result.findings or result.repair or not result.analysed else None


def _is_copied(path: str, task: Task) -> bool:
    """Return whether a clean archive goes to the output directory: a wheel that is not there."""
    if task.output_dir is None or not task.write or not path.endswith((".whl", ".egg")):
        return False
    from no_libpython_dlopen.engine.result import is_in

    return not is_in(path, task.output_dir)


def _without_copy(result: FileResult, task: Task) -> FileResult:
    """Return the result of an archive that is not copied, as findings in it would be left."""
    if task.output_dir is None:
        return result
    from no_libpython_dlopen.engine.result import not_written

    return result._replace(repair="", notes=(not_written(task.output_dir),))


def root_of(task: Task) -> SystemRoot | None:
    """Return the root of the system that binaries belong to."""
    if not task.root:
        return None
    from no_libpython_dlopen.binary.system_root import root_at

    return root_at(task.root)


def _facts_of_binary(
    target: TargetFile, kind: Kind, task: Task, texts: TextMembers | None
) -> list[Fact]:
    from no_libpython_dlopen.binary import reader

    try:
        if target.remote is not None:
            from no_libpython_dlopen.package_index import reader as index

            return list(index.read(*target.remote, texts).facts)
        given = target.given.resolve() if target.given and not target.is_named else ()
        facts = list(reader.read(target.path, kind, texts, root_of(task), given))
        if not facts or target.is_named or target.path.endswith(_OF_PYTHON):
            return facts
        from no_libpython_dlopen.model.facts import Unread

        return [one for one in facts if not (isinstance(one, Unread) and one.is_whole)]
    except NolibpyError as error:
        from no_libpython_dlopen.model.facts import Unread
        from no_libpython_dlopen.model.source import Unreadable

        if isinstance(error, Unreadable):
            return [Unread(error.reason, error.location)]
        raise
