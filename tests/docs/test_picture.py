"""The picture of a first run shows what is printed today."""

from __future__ import annotations

import html
import importlib.util
import re
from xml.etree import ElementTree

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.slow


def text_of(picture: str) -> str:
    """Return the words that a picture shows, in order."""
    shown = ElementTree.fromstring(picture)
    parts = [part.text or "" for part in shown.iter("{http://www.w3.org/2000/svg}text")]
    return " ".join(html.unescape(" ".join(parts)).split())


def test_the_picture_shows_what_is_printed_today() -> None:
    spec = importlib.util.spec_from_file_location("picture", ROOT / "docs" / "picture.py")
    assert spec is not None
    assert spec.loader is not None
    picture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(picture)
    drawn = picture.PICTURE.read_text(encoding="utf-8")
    output = picture.printed()
    assert "NLP101" in output
    assert text_of(drawn) == text_of(picture.draw(output)), "run: python docs/picture.py"
    addresses = set(re.findall(r"https?://[\w.-]+", drawn))
    assert addresses <= {"http://www.w3.org", "https://www.textualize.io"}
