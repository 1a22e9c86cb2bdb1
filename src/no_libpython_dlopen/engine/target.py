"""A file that a run is about."""

from __future__ import annotations

from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.files.given_paths import GivenPaths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.model.kind import Kind
    from no_libpython_dlopen.package_index.pip_settings import Settings as IndexSettings
    from no_libpython_dlopen.package_index.simple_api import File


class TargetFile:
    """A file to check, or a path that cannot be checked and why (``problem``).

    ``kind`` is ``None`` where neither name nor content say what it is. ``remote`` is a
    file of an index that is read where it lies, and how; ``path`` is then only its name.
    ``given`` are the paths out of which it may not lead; ``leads_out`` says that it does, and
    is not checked for that. A file that ``is_named``, and not found in a directory, is parsed
    even if nothing can be found in it.
    """

    __slots__ = ("given", "is_named", "kind", "leads_out", "path", "problem", "remote", "settings")

    def __init__(
        self,
        path: str,
        kind: Kind | None,
        settings: Settings,
        problem: str = "",
        remote: tuple[File, IndexSettings] | None = None,
        *,
        given: GivenPaths | None = None,
        leads_out: bool = False,
        is_named: bool = False,
    ) -> None:
        self.path = path
        self.kind = kind
        self.settings = settings
        self.problem = problem
        self.remote = remote
        self.given = given
        self.leads_out = leads_out
        self.is_named = is_named
