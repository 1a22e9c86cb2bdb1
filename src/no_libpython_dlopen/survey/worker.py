"""Looks at one package: what a worker does, wherever it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import replace

from no_libpython_dlopen.binary.archives.texts import TextMembers
from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.check_source import apply_rules, internal_error
from no_libpython_dlopen.engine.members.check_members import check_members
from no_libpython_dlopen.model import finding
from no_libpython_dlopen.model.facts import Bundled, Embedded, Fact, Needed, Unread
from no_libpython_dlopen.package_index import reader as index
from no_libpython_dlopen.package_index.http_client import Client, IndexUnavailable, NoSuchProject
from no_libpython_dlopen.package_index.pip_settings import Settings as IndexSettings
from no_libpython_dlopen.package_index.selection import choose_files, family_of, source_of, tags_of
from no_libpython_dlopen.package_index.simple_api import File
from no_libpython_dlopen.survey.models import (
    SOURCE,
    Cause,
    Finding,
    Item,
    Outcome,
    Plan,
    Status,
    Wheel,
)

_SETTINGS = Settings()
#: Characters of a name or a message.
_MOST_TEXT = 10_000


_thread = threading.local()


def examine(item: Item, plan: Plan) -> Outcome:
    """Return the result of a package. Never raises an ``Exception``."""
    started = time.monotonic()
    try:
        client = _client(plan.settings)
        release = _release(item, plan, client)
        outcome = _outcome(release, _archives(release, client))
    except NoSuchProject:  # its text names every index, which is not reported
        outcome = Outcome(Status.FAILED, reason="no such package on the index")
    except IndexUnavailable as error:
        outcome = Outcome(Status.FAILED, reason=_line(str(error)))
    except ValueError as error:  # InvalidRequirement is one
        outcome = Outcome(Status.FAILED, reason=_line(f"cannot be looked up: {error}"))
    except Exception as error:  # noqa: BLE001  one package must not end a survey
        outcome = Outcome(Status.FAILED, reason=internal_error(error))
    return replace(outcome, seconds=round(time.monotonic() - started, 3))


def _client(settings: IndexSettings) -> Client:
    """Return this thread's connections, which are kept from package to package."""
    client: Client | None = getattr(_thread, "client", None)
    if client is None or client.settings != settings:
        if client is not None:
            client.close()
        client = _thread.client = Client(settings)
    client.forget_cookies()
    return client


def _release(item: Item, plan: Plan, client: Client) -> index.Release:
    if item.files:
        files = tuple(choose_files(item.files, every=plan.every, platform=plan.platform))
        return index.Release(item.files[0].version, files, source_of(item.files))
    settings = plan.settings
    if item.index:
        settings = replace(settings, indexes=(item.index,), find_links=())
    return index.resolve_with(
        client, item.requirement, settings, every=plan.every, platform=plan.platform
    )


def _archives(release: index.Release, client: Client) -> tuple[Wheel, ...]:
    """Return the wheels of a release, and its source if that shows why one needs libpython."""
    wheels = [_archive(file, client) for file in release.files if file.wheel]
    linked = any(found.code == "NLP301" for wheel in wheels for found in wheel.findings)
    if linked and release.source is not None:
        source = _archive(release.source, client)
        links = tuple(found for found in source.findings if found.code.startswith("NLP2"))
        wheels.append(replace(source, findings=links))
    return tuple(wheels)


def _outcome(release: index.Release, wheels: tuple[Wheel, ...]) -> Outcome:
    version = release.version
    if not wheels:
        reason = "source only" if release.files else "no wheel for a checked platform"
        return Outcome(Status.NO_WHEEL, version, reason)
    problems = [wheel.problem for wheel in wheels if wheel.platform != SOURCE]
    if all(problems):
        return Outcome(Status.FAILED, version, problems[0], wheels=wheels)
    return Outcome(Status.EXAMINED, version, wheels=wheels)


def _archive(file: File, client: Client) -> Wheel:
    tags = tags_of(file.filename)
    with TextMembers() as texts:
        reading = index.read_with(client, file, texts)
        in_texts = [
            finding
            for result in check_members(texts, file.filename, _SETTINGS)
            for finding in result.findings
        ]
    whole = [fact for fact in reading.facts if isinstance(fact, Unread) and not fact.member]
    return Wheel(
        file.filename,
        family_of(tags) if file.wheel else SOURCE,
        ".".join(sorted({tag.interpreter for tag in tags})),
        ".".join(sorted({tag.abi for tag in tags})),
        file.size or reading.size,
        reading.traffic,
        problem=_line(whole[0].reason) if whole else "",
        findings=(*_findings(file.filename, reading.facts), *map(_finding_in_text, in_texts)),
    )


def _findings(filename: str, facts: tuple[Fact, ...]) -> Iterable[Finding]:
    copies = {library for fact in facts if isinstance(fact, Bundled) for library in fact.libraries}
    for fact in facts:
        if isinstance(fact, Unread) and not fact.member:
            continue
        for found in apply_rules([fact], filename):
            yield Finding(
                found.code,
                _line(found.path.partition("!")[2]),
                _line(found.resolved),
                cause_of(fact, copies),
                _line(found.message),
                fixable=isinstance(fact, Needed) and fact.no_fix_reason in ("", index.NO_FIX),
            )


def _finding_in_text(found: finding.Finding) -> Finding:
    member = found.path.partition("!")[2]
    return Finding(
        found.code,
        _line(f"{member}:{found.start.row}:{found.start.column}"),
        _line(found.resolved),
        Cause.LOADED if found.code.startswith("NLP1") else None,
        _line(found.message),
    )


def cause_of(fact: Fact, copies: set[str]) -> Cause | None:
    """Return the cause of a fact; ``copies`` are the libpythons that its wheel ships."""
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


def _line(text: str) -> str:
    """Return the first line of a text from an index or a wheel, in a form for the database."""
    line = text.partition("\n")[0][:_MOST_TEXT]
    return line.encode("utf-8", "backslashreplace").decode()
