"""The options of ``nolibpy run`` that the parent of the program acts on."""

from __future__ import annotations


class RunOptions:
    """Options of a run.

    With ``fails`` a finding turns status 0 into 1; ``report`` and ``allowed`` are those of the
    guard; after ``timeout`` seconds, if not ``None``, the program is stopped.
    """

    __slots__ = ("allowed", "fails", "report", "timeout")

    def __init__(self, fails: bool, report: str, allowed: str, timeout: float | None) -> None:
        self.fails = fails
        self.report = report
        self.allowed = allowed
        self.timeout = timeout
