"""Survey how many packages need libpython, and why.

    nolibpy survey INPUT ...    check packages, and record the results in a file
    nolibpy survey              resume the survey in that file
    nolibpy survey report       write the report as Markdown, JSON and HTML

An INPUT is the name of a package, a file of names (text, JSON, CSV: its order is the
ranking), a wheel or source distribution, a directory of these, or the URL of a page of a
package index. The newest release of each package is checked, one wheel for each platform.
Wheels are read remotely, by range requests where the server allows them.

Results are recorded as they arrive. An interrupted survey resumes when the same command
is run again, and no package is counted twice.

Exit status: 0 if the survey is done, whatever was found, 2 for a usage or input error, 130 if
it was interrupted.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import PROGRAM, UsageError, _numbers
from no_libpython_dlopen.report import one_line, without_commands

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _ArgumentGroup
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.package_index.pip_settings import Settings
    from no_libpython_dlopen.survey.executors import Workers
    from no_libpython_dlopen.survey.models import Item, Outcome, Plan
    from no_libpython_dlopen.survey.statistics import Figures
    from no_libpython_dlopen.survey.store import Store

_REPORT = "report"
_STORE = "nolibpy-survey.sqlite"
_SUFFIXES = {"markdown": ".md", "json": ".json", "html": ".html"}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy survey``."""
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help="Package, file, directory or URL, as above, or the word `report`",
    )
    parser.add_argument(
        "--store", metavar="FILE", default=_STORE, help="File of the results (default: %(default)s)"
    )
    _add_selection(parser.add_argument_group("selection"))
    _add_execution(parser.add_argument_group("execution"))
    _add_report(parser.add_argument_group("the report"))
    parser.add_argument("--quiet", "-q", action="store_true", help="Disable progress and summary")


def _add_selection(group: _ArgumentGroup) -> None:
    group.add_argument(
        "--sample", type=_numbers.positive, metavar="N", help="Check a random sample of N packages"
    )
    group.add_argument(
        "--seed",
        type=_numbers.whole,
        default=0,
        metavar="S",
        help="Seed of the sample (default: %(default)s)",
    )
    group.add_argument(
        "--all-wheels",
        action="store_true",
        help="Check all wheels of a release (default: the newest CPython's for each platform)",
    )
    group.add_argument(
        "--platform",
        metavar="GLOB",
        default="",
        help="Check only wheels with a matching platform tag",
    )
    group.add_argument(
        "--retry-failed", action="store_true", help="Retry packages that failed, wholly or in part"
    )
    group.add_argument(
        "--offline",
        action="store_true",
        help="Never use the network: only files in local directories are checked",
    )


def _add_execution(group: _ArgumentGroup) -> None:
    group.add_argument(
        "--jobs",
        "-j",
        type=_numbers.positive,
        metavar="N",
        help="Number of packages checked at a time (default: auto)",
    )
    group.add_argument(
        "--executor",
        metavar="WHERE",
        default="",
        help="dask://HOST:PORT, ray://HOST:PORT, or MODULE:FACTORY, a callable that returns an "
        "executor of concurrent.futures (default: local processes)",
    )


def _add_report(group: _ArgumentGroup) -> None:
    group.add_argument(
        "--output-format",
        choices=sorted(_SUFFIXES),
        help="Write only this format, to standard output",
    )
    group.add_argument("--output-file", "-o", metavar="FILE", help="Write one format to this file")
    group.add_argument(
        "--output-dir",
        metavar="DIR",
        help="Directory of the three files (default: that of the store)",
    )


def run(args: Namespace) -> int:
    """Run the survey, or write its report, and return the exit status."""
    from no_libpython_dlopen.package_index import reader as index
    from no_libpython_dlopen.survey import store

    if args.offline and "://" in args.executor:
        raise UsageError("--offline and --executor with a remote host cannot be used together")
    reporting = args.inputs[:1] == [_REPORT]
    if not reporting and not index.available():
        raise UsageError(index.MISSING_EXTRA)
    if reporting and len(args.inputs) > 1:
        raise UsageError(
            f"`survey {_REPORT}` takes no input; for the package of this name, write `{_REPORT}>=0`"
        )
    from no_libpython_dlopen.package_index.pip_settings import read_pip_settings

    settings = replace(read_pip_settings(), offline=args.offline)
    items: list[Item] = []
    if args.inputs and not reporting:  # a wrong input leaves no file of results behind
        from no_libpython_dlopen.survey import inputs

        notes: list[str] = []
        items = inputs.items_of(args.inputs, settings, notes)
        for note in () if args.quiet else notes:
            print(f"{PROGRAM}: note: {one_line(note)}", file=sys.stderr)
    try:
        with store.Store(args.store, create=bool(items)) as opened:
            return _report(args, opened) if reporting else _survey(args, opened, settings, items)
    except store.DATABASE_ERROR as error:
        raise UsageError(f"{args.store}: {error}") from None


def _survey(args: Namespace, store: Store, settings: Settings, items: list[Item]) -> int:
    from no_libpython_dlopen.survey import clusters, executors
    from no_libpython_dlopen.survey.models import Plan

    _add(args, store, items)
    plan = Plan(
        settings,
        # What was decided for the first packages holds for the rest.
        every=store.setting("all wheels") == "True",
        platform=store.setting("platform"),
    )
    if args.retry_failed:
        store.retry_failures()
    left = store.pending_items()
    if left:
        try:
            workers = clusters.open_workers(args.executor, min(args.jobs or 0, len(left)))
        except executors.InvalidExecutor as error:
            raise UsageError(f"--executor {error}") from None
        _work(args, store, workers, left, plan)
    if not args.quiet:
        from no_libpython_dlopen.survey import phrases
        from no_libpython_dlopen.survey import statistics as figures

        counted = figures.figures_of(store)
        print(phrases.verdict(counted))
        for line in phrases.extent(counted):
            print(f"  {line}")
        print(f"Run `{PROGRAM} survey report --store {one_line(args.store)}` to write the report.")
    return 0


def _add(args: Namespace, store: Store, items: list[Item]) -> None:
    """Add what the inputs name; a store holds one sample, of one population."""
    from no_libpython_dlopen.survey import inputs
    from no_libpython_dlopen.version import __version__

    same = {
        "sample": str(args.sample or ""),
        "seed": str(args.seed) if args.sample else "",
        "all wheels": str(args.all_wheels),
        "platform": args.platform,
    }
    if not args.inputs:
        if args.sample or args.all_wheels or args.platform:
            raise UsageError("pass the inputs again, with the options of the first run")
        return
    if args.sample:
        same["population"] = str(len(items))
        items = inputs.sample_of(items, args.sample, args.seed)
    begun = bool(store.setting("version"))
    for key, value in same.items():
        if begun and store.setting(key) != value:
            raise UsageError(
                f"{args.store}: was started with a different {key} "
                f"({store.setting(key) or 'none'}); use another --store"
            )
    store.keep([*same.items(), ("version", __version__)])
    store.add(items)


def _work(args: Namespace, store: Store, workers: Workers, items: list[Item], plan: Plan) -> None:
    """Look at the items, and keep each as it comes."""
    from no_libpython_dlopen.survey import executors

    try:
        for item, outcome in _show_progress(
            executors.outcomes(workers, items, plan), store, quiet=args.quiet
        ):
            store.write(item, outcome)
    except executors.WorkersLost as error:
        raise UsageError(f"{error}; run the same command to resume") from None
    except KeyboardInterrupt:
        left = len(store.pending_items())
        print(
            f"\n{PROGRAM}: interrupted with {left:,} packages left; run the same command to resume",
            file=sys.stderr,
        )
        raise
    finally:
        workers.close()


def _show_progress(
    outcomes: Iterable[tuple[Item, Outcome]], store: Store, *, quiet: bool
) -> Iterator[tuple[Item, Outcome]]:
    """Yield the outcomes; on a terminal, with a bar on standard error.

    What an earlier run has done counts as done, in the bar as in the note on resuming.
    """
    from no_libpython_dlopen.survey.models import Status

    counts = store.counts()
    total = sum(counts.values())
    done = total - counts.get(Status.PENDING, 0)
    if done and not quiet:
        print(
            f"{PROGRAM}: note: resuming: {done:,} of {total:,} packages are done", file=sys.stderr
        )
    if quiet or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Left

    columns = (
        BarColumn(None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        Left(),
        TextColumn("{task.fields[hits]} affected, {task.fields[failed]} failed"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        hits, failed = store.count_affected(), counts.get(Status.FAILED, 0)
        task = progress.add_task("", total=total, completed=done, rate="", hits=hits, failed=failed)
        for item, outcome in outcomes:
            hits += any(found.cause for wheel in outcome.wheels for found in wheel.findings)
            failed += outcome.status is Status.FAILED
            speed = progress.tasks[0].speed
            rate = f"{speed:.1f}/s" if speed else ""
            progress.update(task, advance=1, rate=rate, hits=hits, failed=failed)
            yield item, outcome


def _report(args: Namespace, store: Store) -> int:
    from no_libpython_dlopen.survey.statistics import figures_of

    figures = figures_of(store)
    if args.output_format or args.output_file:
        suffix = os.path.splitext(args.output_file or "")[1]
        by_suffix = {known: name for name, known in _SUFFIXES.items()}
        name = args.output_format or by_suffix.get(suffix, "markdown")
        text = _render(name, figures)
        if args.output_file:
            _write(args.output_file, text)
        else:
            print(without_commands(text, r"\u0023" if name == "json" else "&#35;"), end="")
        return 0
    stem, _ = os.path.splitext(args.store)
    if args.output_dir:
        stem = os.path.join(args.output_dir, os.path.basename(stem))
    for name, suffix in _SUFFIXES.items():
        _write(stem + suffix, _render(name, figures))
        if not args.quiet:
            print(one_line(stem + suffix))
    return 0


def _render(name: str, figures: Figures) -> str:
    from no_libpython_dlopen.survey import html, tables

    return {"markdown": tables.markdown, "json": tables.as_json, "html": html.page}[name](figures)


def _write(path: str, text: str) -> None:
    from no_libpython_dlopen.files.atomic_write import WriteRefused
    from no_libpython_dlopen.files.output_file import write_output

    data = text.encode("utf-8", "backslashreplace")
    try:
        write_output(path, lambda file: file.write(data))
    except WriteRefused as refused:
        raise UsageError(f"{path}: {refused}") from None
