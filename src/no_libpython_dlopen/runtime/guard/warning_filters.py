"""``LibpythonWarning`` and the filters of the ``warnings`` module.

The module forgets what it showed whenever its filters change, so asking it for every load
in a loop would be a flood. A place is therefore shown once, unless the filters want every
occurrence, or somebody records them (``catch_warnings(record=True)``, ``pytest.warns``).
"""

from __future__ import annotations

import sys

from no_libpython_dlopen.runtime.guard.detection import LibpythonWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from no_libpython_dlopen.runtime.guard.source_location import SourceLocation


def warn(warning: LibpythonWarning, where: SourceLocation) -> None:
    """Issue a warning at the user's line. Raises it where the filters say so."""
    import warnings

    registry = where.namespace.setdefault("__warningregistry__", {})
    warnings.warn_explicit(
        warning, LibpythonWarning, where.filename, where.row, where.module, registry
    )


def wants_repetition(warning: LibpythonWarning, where: SourceLocation) -> bool:
    """Return whether a warning is to be issued that was issued before, at the same place."""
    import warnings

    if _is_recorded(warnings):
        return True
    for action, message, category, module, row in _active_filters(warnings):
        if (
            issubclass(LibpythonWarning, category)
            and (message is None or _matches(message, str(warning)))
            and (module is None or _matches(module, where.module))
            and row in (0, where.row)
        ):
            return action in {"error", "always", "all"}
    return False


def _is_recorded(warnings: ModuleType) -> bool:
    """Return whether a block appends what is issued to a list."""
    module = sys.modules.get("_py_warnings", warnings)  # since 3.14
    context = getattr(module, "_get_context", lambda: None)()
    if getattr(context, "log", None) is not None:
        return True
    return isinstance(getattr(module._showwarnmsg_impl, "__self__", None), list) or isinstance(
        getattr(getattr(warnings, "_showwarnmsg_impl", None), "__self__", None), list
    )


def _matches(pattern: Any, text: str) -> bool:
    """Match as ``warnings`` does: its built-in filters hold plain strings."""
    return bool(pattern == text if isinstance(pattern, str) else pattern.match(text))


def show_warnings() -> None:
    """Let ``LibpythonWarning`` be shown wherever it comes from, unless the user says otherwise.

    The filter goes behind those of ``-W`` and ``PYTHONWARNINGS`` and before Python's own,
    which hide deprecations. The first of these is told by its module, a plain text: a
    user's filter holds a compiled pattern there. It is needed when a warning is issued, and
    a block may have put other filters in place by then. What ``warnings`` remembers as shown
    stays valid, so it is not told of the change.
    """
    import warnings

    ours = ("default", None, LibpythonWarning, None, 0)
    filters = _active_filters(warnings)
    if ours in filters:
        return
    first = ("default", None, DeprecationWarning, "__main__", 0)
    places = [at for at, item in enumerate(filters) if item == first]
    filters.insert(places[-1] if places else len(filters), ours)


def _active_filters(warnings: ModuleType) -> list[tuple[Any, ...]]:
    """Return the filters that hold here: since 3.14 a block may have its own."""
    active: list[tuple[Any, ...]] = getattr(warnings, "_get_filters", lambda: warnings.filters)()
    return active


def apply_own_options() -> None:
    """Apply the options of ``-W`` that name our category, where Python could not import it.

    It reads them before ``site`` has added the folders of packages, and complains.
    """
    options = [text for text in sys.warnoptions if LibpythonWarning.__module__ in text]
    if not options:
        return
    import warnings

    known = any(item[2] is LibpythonWarning for item in warnings.filters)
    for option in () if known else options:
        try:
            warnings._setoption(option)  # type: ignore[attr-defined]
        except Exception:  # noqa: BLE001, PERF203 - Python has complained about it
            continue
