"""How far a fix can be trusted: the value that the checks of fix safety fill in."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class FixSafety:
    """The safety of rewriting one load.

    ``blocked_by`` is why there is no fix. ``caveats`` are the reasons why any rewrite is
    unsafe. ``shared`` are those why ``ctypes.pythonapi`` itself is, which a private view of
    it is not: ``needs_view`` is true where ``pythonapi`` would hang, crash or lose work.
    ``handled`` is true where something around the load may catch exceptions of any class.
    ``leading`` names the functions that lead to the load as ``Surroundings`` does; it has an empty
    text if the import of the module does so.
    """

    blocked_by: str = ""
    caveats: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    needs_view: bool = False
    handled: bool = False
    leading: set[str] = field(default_factory=set)

    def unsafe(self, reason: str) -> None:
        """Add a reason once why any rewrite is unsafe."""
        if reason not in self.caveats:
            self.caveats.append(reason)

    def share(self, reason: str, *, breaks: bool = False) -> None:
        """Add a reason once why the object that the process shares is not the same."""
        if reason not in self.shared:
            self.shared.append(reason)
        self.needs_view = self.needs_view or breaks
