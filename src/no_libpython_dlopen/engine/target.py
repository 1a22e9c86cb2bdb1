"""A file that a run is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from no_libpython_dlopen.config import Settings

if TYPE_CHECKING:
    from no_libpython_dlopen.model.kind import Kind
    from no_libpython_dlopen.package_index.pip_settings import Settings as IndexSettings
    from no_libpython_dlopen.package_index.simple_api import File


class TargetFile(NamedTuple):
    """A file to check, or a path that cannot be checked and why (``problem``).

    ``kind`` is ``None`` where neither name nor content say what it is. ``remote`` is a
    file of an index that is read where it lies, and how; ``path`` is then only its name.
    """

    path: str
    kind: Kind | None
    settings: Settings
    problem: str = ""
    remote: tuple[File, IndexSettings] | None = None
