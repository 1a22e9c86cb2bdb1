from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import CDLL


def load() -> CDLL:
    from ctypes import pythonapi

    return pythonapi  # expect: NLP101
