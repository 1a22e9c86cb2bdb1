"""What the link graph says of a reference: whether it is reported, edited, and why not."""

from __future__ import annotations

from itertools import pairwise

import pytest

from no_libpython_dlopen.buildsystems.common import link_graph
from no_libpython_dlopen.buildsystems.common.deletions import Span
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    LinkUse,
    Reference,
    ReferenceKind,
    Target,
    TargetKind,
)
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, DARWIN, LINUX, Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Applicability, Edit, Fix
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

TEXT = "LIBS = -lpython3.11\nmodule: $(LIBS)\n"
SPAN, VIA = (7, 19), (20, 35)
MODULE = Target("tally", TargetKind.EXTENSION_MODULE)
HOST = Target("host", TargetKind.PROGRAM)
DELETION = Fix(Applicability.SAFE, "delete it", (Edit(7, 19, TEXT[7:19], ""),))
REPLACEMENT = Fix(Applicability.SAFE, "replace it", (Edit(7, 19, TEXT[7:19], "x"),))


def a_use(
    kind: ReferenceKind = ReferenceKind.FLAG,
    target: Target = MODULE,
    platform: Platform = LINUX,
    *blockers: Blocker,
    via: Span | None = None,
    span: Span = SPAN,
    exempt: bool = False,
    is_shared: bool = False,
    looks_up: bool = False,
) -> LinkUse[str]:
    """Return a use, of a module and on Linux unless something else is said."""
    return LinkUse(
        *(span, kind, target, platform, "written", via, "Python3::Module", exempt, is_shared),
        looks_up,
        blockers=blockers,
    )


def a_graph(*uses: LinkUse[str]) -> LinkGraph[str]:
    """Return the graph of a file with these uses."""
    graph: LinkGraph[str] = LinkGraph(Source("Makefile", Kind.MAKE, TEXT.encode()))
    for use in uses:
        graph.add(use)
    return graph


def the_link(graph: LinkGraph[str], outcome: Fix | str = DELETION) -> Link:
    """Return the only fact of a graph, if its language's edit has this outcome."""
    (found,) = graph.links(lambda reference: outcome)
    return found


@pytest.mark.parametrize(
    ("use", "is_reported"),
    [
        (a_use(), True),
        (a_use(platform=DARWIN), True),
        (a_use(platform=ANY_PLATFORM), False),
        (a_use(exempt=True), False),
        (a_use(target=HOST), False),
        (a_use(target=Target("tally", TargetKind.LIBRARY)), False),
        (a_use(target=Target("", TargetKind.UNKNOWN)), False),
    ],
)
def test_only_a_link_of_a_module_on_plain_unix_is_reported(
    use: LinkUse[str], is_reported: bool
) -> None:
    assert len(list(a_graph(use).links(lambda _: DELETION))) == is_reported


@pytest.mark.parametrize(("one", "other"), list(pairwise(Blocker)))
def test_of_two_reasons_the_one_that_is_listed_first_is_given(one: Blocker, other: Blocker) -> None:
    flag = ReferenceKind.FLAG
    for uses in (
        [a_use(flag, MODULE, LINUX, other, one)],
        [a_use(flag, MODULE, LINUX, other), a_use(flag, MODULE, DARWIN, one)],
        [a_use(flag, MODULE, LINUX, other), a_use(flag, MODULE, ANY_PLATFORM, one, exempt=True)],
    ):
        link = the_link(a_graph(*uses))
        assert (link.fix, link.no_fix_reason) == (None, one.value)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ReferenceKind.PRELOAD, Blocker.PRELOADED.value),
        (ReferenceKind.SHARED, Blocker.SHARED.value),
        (ReferenceKind.LABEL, Blocker.LABEL.value),
        *((kind, "") for kind in (ReferenceKind.FLAG, ReferenceKind.FOUND, ReferenceKind.TARGET)),
    ],
)
def test_some_kinds_of_reference_are_never_edited(kind: ReferenceKind, reason: str) -> None:
    link = the_link(a_graph(a_use(kind)))
    assert link.no_fix_reason == reason
    assert (link.fix is None) is bool(reason)
    assert link.preloaded is (kind is ReferenceKind.PRELOAD)


@pytest.mark.parametrize("other", [kind for kind in TargetKind if kind is not MODULE.kind])
@pytest.mark.parametrize("is_exempt", [False, True])
def test_any_other_target_keeps_the_reference(other: TargetKind, is_exempt: bool) -> None:
    graph = a_graph(a_use(), a_use(target=Target("host", other), exempt=is_exempt))
    assert the_link(graph).no_fix_reason == Blocker.OTHER_TARGET.value


def test_what_is_another_library_elsewhere_is_kept() -> None:
    graph = a_graph(a_use())
    graph.other_libraries.add((0, 4))
    assert the_link(graph).fix == DELETION
    graph.other_libraries.add(SPAN)
    assert the_link(graph).no_fix_reason == Blocker.OTHER_LIBRARY.value


@pytest.mark.parametrize("is_complete", [True, False])
@pytest.mark.parametrize("is_shared", [True, False])
def test_what_was_not_read_may_use_what_is_shared(is_complete: bool, is_shared: bool) -> None:
    graph = a_graph(a_use(), a_use(platform=DARWIN, is_shared=is_shared))
    graph.is_complete = is_complete
    is_kept = is_shared and not is_complete
    assert the_link(graph).no_fix_reason == (Blocker.UNREAD.value if is_kept else "")


def test_an_edit_that_leaves_strict_lines_alone_is_not_blocked_by_them() -> None:
    graph = a_graph(a_use(ReferenceKind.FLAG, MODULE, LINUX, Blocker.STRICT))
    assert the_link(graph).no_fix_reason == Blocker.STRICT.value
    graph.edits_strict_lines = True
    assert the_link(graph).fix == DELETION


def test_the_language_says_why_it_has_no_edit() -> None:
    assert the_link(a_graph(a_use()), "no reason").no_fix_reason == "no reason"
    assert the_link(a_graph(a_use()), Blocker.NO_EDIT).no_fix_reason == Blocker.NO_EDIT.value


def test_the_counterpart_is_named_unless_the_reference_is_deleted() -> None:
    assert the_link(a_graph(a_use())).instead == ""
    assert the_link(a_graph(a_use()), REPLACEMENT).instead == "Python3::Module"
    assert the_link(a_graph(a_use()), "no reason").instead == "Python3::Module"


@pytest.mark.parametrize(
    ("via", "is_related"),
    [(None, False), (VIA, True), ((0, 20), False), (SPAN, False), ((7, 18), False)],
)
def test_the_command_that_links_is_related_where_it_is_elsewhere(
    via: Span | None, is_related: bool
) -> None:
    assert len(the_link(a_graph(a_use(via=via))).related) == is_related


def test_a_file_that_was_analysed_in_part_is_not_edited() -> None:
    from no_libpython_dlopen.model.limits import MAKE_LOOP

    with analysis.begin():
        analysis.note_limit(MAKE_LOOP)
        link = the_link(a_graph(a_use()))
    assert (link.fix, link.no_fix_reason) == (None, analysis.PARTLY_READ)


@pytest.mark.parametrize(
    ("uses", "is_needed"),
    [
        ([a_use()], False),
        ([a_use(platform=DARWIN)], True),
        ([a_use(), a_use(platform=DARWIN)], True),
        ([a_use(looks_up=True), a_use(platform=DARWIN)], True),
        ([a_use(looks_up=True), a_use(platform=DARWIN, looks_up=True)], False),
        ([a_use(), a_use(platform=DARWIN, exempt=True)], False),
    ],
)
def test_macos_needs_its_option_unless_all_links_have_it(
    uses: list[LinkUse[str]], is_needed: bool
) -> None:
    (reference,) = a_graph(*uses).references()
    assert reference.needs_dynamic_lookup is is_needed
    assert reference.is_strict is False
    assert Reference((a_use(ReferenceKind.FLAG, MODULE, LINUX, Blocker.STRICT),), ()).is_strict


def test_references_are_in_the_order_of_the_file_and_found_anew() -> None:
    graph = a_graph(a_use(span=VIA))
    assert [one.first.span for one in graph.references()] == [VIA]
    graph.add(a_use())
    assert [one.first.span for one in graph.references()] == [SPAN, VIA]


def test_beyond_the_limit_of_uses_only_what_speaks_against_an_edit_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_graph, "LINK_USES", 2)
    graph = a_graph(*[a_use() for _ in range(9)])
    assert len(graph.references()[0].uses) == 2
    assert the_link(graph).fix == DELETION
    graph.add(a_use(target=HOST))
    assert the_link(graph).no_fix_reason == Blocker.OTHER_TARGET.value
    graph.add(a_use())
    assert the_link(graph).no_fix_reason == Blocker.OTHER_TARGET.value


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        ("dependency('python3-embed')", "dependency('python3')"),
        ("'python3-embed', 'python3-embed'", "'python3-embed', 'python3'"),
        ("dependency('python3')", None),
    ],
)
def test_the_package_of_programs_becomes_that_of_modules(text: str, edited: str | None) -> None:
    fix = link_graph.package_of_modules(text, (0, len(text)), ["a caveat"])
    if edited is None:
        assert fix == Blocker.NO_EDIT
        return
    assert isinstance(fix, Fix)
    (edit,) = fix.edits
    assert text[: edit.start] + edit.new + text[edit.end :] == edited
    assert "a caveat" in fix.caveats
    assert link_graph.package_of_modules(text, (0, 3)) == Blocker.NO_EDIT


def test_what_names_libpython_itself_is_no_setting_of_programs() -> None:
    named = {ReferenceKind.FLAG, ReferenceKind.FOUND, ReferenceKind.PRELOAD}
    assert {kind for kind in ReferenceKind if not kind.embeds} == named
    for kind in ReferenceKind:
        assert the_link(a_graph(a_use(kind))).embedding is kind.embeds
    assert Blocker.CALLED.about("setup") == "`setup` is called elsewhere, too"
