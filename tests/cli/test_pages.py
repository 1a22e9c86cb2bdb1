"""``nolibpy explain`` and ``nolibpy rules``: the rules' own pages, and the table of all."""

from __future__ import annotations

import json

import pytest

from no_libpython_dlopen import rules
from no_libpython_dlopen.__main__ import main


@pytest.mark.parametrize("rule", rules.rules(), ids=lambda rule: rule.code)
def test_a_rules_page_is_found_by_its_code_and_by_its_name(
    capsys: pytest.CaptureFixture[str], rule: rules.Rule
) -> None:
    pages = []
    for name in (rule.code, rule.code.lower(), rule.name, rule.name.upper()):
        assert main(["explain", name]) == 0
        pages.append(capsys.readouterr().out)
    assert len(set(pages)) == 1
    assert pages[0] == f"# {rule.name} ({rule.code})\n\n{rule.page()}\n"


def test_several_pages_stand_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "NLP102", "NLP101"]) == 0
    out = capsys.readouterr().out
    assert out.index("(NLP102)") < out.index("\n\n# ") < out.index("(NLP101)")


def test_a_finding_of_the_guard_leads_to_the_page_of_its_rule(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = "nolibpy: NLP401 `libpython3.11.so.1.0` was mapped; `libjl.so` opened it by `dlopen`"
    assert main(["explain", line]) == 0
    assert "(NLP401)" in capsys.readouterr().out
    assert (
        main(["explain", "NLP401 ImportError: libpython3.9.so.1.0: cannot open shared object file"])
        == 0
    )
    assert "(NLP401)" not in capsys.readouterr().out
    assert main(["explain", "a NLP999 b"]) == 2


def test_a_page_is_rendered_where_colour_is_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["explain", "NLP101"]) == 0
    rendered = capsys.readouterr().out
    assert "\x1b[" in rendered
    assert "# libpython-load" not in rendered
    assert main(["explain", "NLP101", "--no-color"]) == 0
    assert "\x1b[" not in capsys.readouterr().out


def test_a_rule_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "zzzzzz"]) == 2
    assert capsys.readouterr().err == (
        "nolibpy: error: no such rule: zzzzzz; `nolibpy rules` lists all rules\n"
    )


def test_the_table_has_a_line_for_each_rule_in_both_formats(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["rules", "--output-format", "json"]) == 0
    items = json.loads(capsys.readouterr().out)
    assert [line.split()[0] for line in lines] == [item["code"] for item in items]
    assert [item["code"] for item in items] == list(rules.codes())
    for line, item in zip(lines, items, strict=True):
        assert line.endswith(item["summary"])
        assert item["name"] in line
        assert item["url"].endswith(f"/{item['name']}/")
