"""Functions of ``setup.py`` that hand their arguments on to ``python3-config``."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

BEFORE = "from setuptools import Extension, setup\nfrom subprocess import check_output\n"
AFTER = 'setup(ext_modules=[Extension("m", ["m.c"], extra_link_args=flags({}))])\n'
FORWARDING = {
    "in a list": '    return check_output(["python3-config", *what]).decode().split()\n',
    "kept": '    out = check_output(("python3-config", *what))\n    return out.split()\n',
    "as arguments": '    return run("python3-config", *what)\n',
}
#: Functions that do something else with what they are given.
OTHERS = {
    "another program": '    return check_output(["spam", *what]).decode().split()\n',
    "ignored": '    return check_output(["python3-config", "--ldflags"]).decode().split()\n',
    "apart": '    print(*what)\n    return check_output(["python3-config", "--ldflags"]).split()\n',
}


def found(body: str, given: str) -> list[tuple[str, int]]:
    text = BEFORE + "def flags(*what):\n" + body + AFTER.format(given)
    return [(one.code, one.start.row) for one in api.check_bytes(text.encode(), "setup.py")]


@pytest.mark.parametrize("body", FORWARDING.values(), ids=FORWARDING)
def test_embed_is_seen_where_it_is_handed_on(body: str) -> None:
    row = 4 + body.count("\n")
    assert found(body, '"--ldflags", "--embed"') == [("NLP202", row)]
    assert found(body, '"--ldflags"') == []


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)
def test_embed_is_not_seen_where_it_goes_elsewhere(body: str) -> None:
    assert found(body, '"--ldflags", "--embed"') == []
