from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import CDLL


def load() -> CDLL:
    from ctypes import CDLL

    return CDLL("libpython3.11.so")  # expect: NLP101
