"""Looks at one package: what a worker does, wherever it runs."""

from __future__ import annotations

import time
from collections.abc import Iterable

from no_libpython_dlopen.engine.check_source import apply_rules, internal_error
from no_libpython_dlopen.model.facts import Bundled, Embedded, Fact, Needed, Unread
from no_libpython_dlopen.package_index import reader as index
from no_libpython_dlopen.package_index.http_client import Client, IndexUnavailable, NoSuchProject
from no_libpython_dlopen.package_index.selection import choose_files, family_of, tags_of
from no_libpython_dlopen.package_index.simple_api import File
from no_libpython_dlopen.survey.models import Cause, Finding, Item, Outcome, Plan, Status, Wheel


def examine(item: Item, plan: Plan) -> Outcome:
    """Return the result of a package. Never raises an ``Exception``."""
    started = time.monotonic()
    try:
        with Client(plan.settings) as client:
            version, files = _files(item, plan, client)
            wheels = tuple(_wheel(file, client) for file in files if file.wheel)
        outcome = _outcome(version, files, wheels)
    except NoSuchProject:  # its text names every index, which is nobody's business
        outcome = Outcome(Status.FAILED, reason="no such package on the index")
    except IndexUnavailable as error:
        outcome = Outcome(Status.FAILED, reason=_first_line(str(error)))
    except ValueError as error:  # InvalidRequirement is one
        outcome = Outcome(Status.FAILED, reason=_first_line(f"cannot be looked up: {error}"))
    except Exception as error:  # noqa: BLE001  one package must not end a survey
        outcome = Outcome(Status.FAILED, reason=internal_error(error))
    return Outcome(
        outcome.status,
        outcome.version,
        outcome.reason,
        round(time.monotonic() - started, 3),
        outcome.wheels,
    )


def _files(item: Item, plan: Plan, client: Client) -> tuple[str, tuple[File, ...]]:
    if item.files:
        files = tuple(choose_files(item.files, every=plan.every, platform=plan.platform))
        return item.files[0].version, files
    release = index.resolve_with(
        client, item.requirement, plan.settings, every=plan.every, platform=plan.platform
    )
    return release.version, release.files


def _outcome(version: str, files: tuple[File, ...], wheels: tuple[Wheel, ...]) -> Outcome:
    if not wheels:
        reason = "source only" if files else "no wheel for a checked platform"
        return Outcome(Status.NO_WHEEL, version, reason)
    problems = [wheel.problem for wheel in wheels if wheel.problem]
    if len(problems) == len(wheels):
        return Outcome(Status.FAILED, version, problems[0], wheels=wheels)
    return Outcome(Status.EXAMINED, version, wheels=wheels)


def _wheel(file: File, client: Client) -> Wheel:
    tags = tags_of(file.filename)
    reading = index.read_with(client, file)
    whole = [fact for fact in reading.facts if isinstance(fact, Unread) and not fact.member]
    return Wheel(
        file.filename,
        family_of(tags),
        ".".join(sorted({tag.interpreter for tag in tags})),
        ".".join(sorted({tag.abi for tag in tags})),
        file.size or reading.size,
        reading.traffic,
        problem=_first_line(whole[0].reason) if whole else "",
        findings=tuple(_findings(file.filename, reading.facts)),
    )


def _findings(filename: str, facts: tuple[Fact, ...]) -> Iterable[Finding]:
    copies = {library for fact in facts if isinstance(fact, Bundled) for library in fact.libraries}
    for fact in facts:
        if isinstance(fact, Unread) and not fact.member:
            continue
        for found in apply_rules([fact], filename):
            yield Finding(
                found.code,
                found.path.partition("!")[2],
                found.resolved,
                cause_of(fact, copies),
                _first_line(found.message),
                fixable=isinstance(fact, Needed) and fact.no_fix_reason in ("", index.NO_FIX),
            )


def cause_of(fact: Fact, copies: set[str]) -> Cause | None:
    """Return why a fact holds; ``copies`` are the libpythons that its wheel ships."""
    if isinstance(fact, Embedded):
        return Cause.STATIC
    if isinstance(fact, Bundled):
        return Cause.COPY
    if not isinstance(fact, Needed):
        return None
    if copies.issuperset(fact.libraries):
        return Cause.COPY
    if fact.through:
        return Cause.INDIRECT
    if all(library.startswith("/") for library in fact.libraries):
        return Cause.FIXED
    if all(_is_stable(library) for library in fact.libraries):
        return Cause.STABLE
    return Cause.VERSIONED


def _is_stable(library: str) -> bool:
    return library.rpartition("/")[2].startswith(("libpython3.so", "libpython3t.so"))


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
