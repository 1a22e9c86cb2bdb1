"""The executors that ``--executor`` means: of a cluster, or of any function that makes one.

Dask has an executor of its own. Ray's references become futures of ``concurrent.futures`` (its
``util.multiprocessing.Pool`` has other methods, and no futures), so that little is needed here.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from no_libpython_dlopen.survey.executors import InvalidExecutor, Processes, Workers, default_width

if TYPE_CHECKING:
    from collections.abc import Callable

_DASK, _RAY = "dask://", "ray://"
#: Of a processor, for a package: it waits for the network more than it computes.
_SHARE = 0.5


def open_workers(spec: str, jobs: int) -> Workers:
    """Return the workers that ``--executor`` means. Raises ``InvalidExecutor``."""
    if not spec:
        return Processes(jobs or default_width())
    if spec.startswith(_DASK):
        return _dask(spec, jobs)
    if spec.startswith(_RAY):
        return _ray(spec, jobs)
    return _import_executor(spec, jobs)


def _dask(spec: str, jobs: int) -> Workers:
    try:
        import distributed
    except ImportError:
        raise InvalidExecutor(
            "dask is not installed: `pip install 'no-libpython-dlopen[dask]'`"
        ) from None
    stack = ExitStack()
    try:
        connect: Any = distributed.Client
        address = f"tcp://{spec.removeprefix(_DASK)}"
        client = stack.enter_context(connect(address, timeout=30, set_as_default=False))
        threads = sum(client.nthreads().values())
        executor = client.get_executor(pure=False)
    except Exception as error:
        stack.close()
        if not isinstance(error, (OSError, ValueError, TypeError)):
            raise
        raise InvalidExecutor(f"{spec}: the scheduler does not respond") from None
    width = jobs or max(1, int(threads / _SHARE))
    return Workers(executor, width, partial(_leave_dask, executor, stack))


def _leave_dask(executor: Any, stack: ExitStack) -> None:
    executor.shutdown(wait=False)  # dask's own way to cancel what is under way
    stack.close()


def _ray(spec: str, jobs: int) -> Workers:
    try:
        library: Any = import_module("ray")
    except ImportError:
        raise InvalidExecutor(
            "ray is not installed: `pip install 'no-libpython-dlopen[ray]'`"
        ) from None
    return _connect_to_ray(library, spec, jobs)


# Ray has wheels for few Pythons, so that it is no dependency of the tests: `nox -s executors`.
def _connect_to_ray(library: Any, spec: str, jobs: int) -> Workers:  # pragma: no cover
    address = "auto" if spec == f"{_RAY}auto" else spec
    try:
        library.init(address=address, log_to_driver=False, logging_level="ERROR")
        processors = library.cluster_resources().get("CPU", 1)
    except Exception as error:  # noqa: BLE001  whatever its parts raise
        raise InvalidExecutor(f"{spec}: {_reason(error)}") from None
    width = jobs or max(1, int(processors / _SHARE))
    return Workers(_RayExecutor(library), width, library.shutdown)


class _RayExecutor(Executor):  # pragma: no cover - as above
    """Tasks of a Ray cluster as futures; what crashes its process is tried twice."""

    def __init__(self, ray: Any) -> None:
        self._remote = ray.remote(num_cpus=_SHARE, max_retries=1)
        self._tasks: dict[Callable[..., Any], Any] = {}

    def submit(self, work: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        """Start a task; a function is sent to the cluster once."""
        if work not in self._tasks:
            self._tasks[work] = self._remote(work)
        future: Future[Any] = self._tasks[work].remote(*args, **more).future()
        return future


def _import_executor(spec: str, jobs: int) -> Workers:
    """Return the executor that a function or class ``MODULE:FACTORY`` makes."""
    module, colon, name = spec.partition(":")
    if not colon or not module or not name:
        raise InvalidExecutor(
            f"{spec}: must be dask://HOST:PORT, ray://HOST:PORT or MODULE:FACTORY"
        )
    try:
        factory: Any = import_module(module)
        for part in name.split("."):
            factory = getattr(factory, part)
        executor = factory()
    except Exception as error:  # noqa: BLE001  somebody else's code
        raise InvalidExecutor(f"{spec}: {_reason(error)}") from None
    if not callable(getattr(executor, "submit", None)):
        raise InvalidExecutor(f"{spec}: does not return an executor (it has no `submit`)")
    # Executors tell in no common way how many workers they have.
    width = jobs or getattr(executor, "_max_workers", None) or default_width()
    return Workers(executor, int(width), partial(_shut_down, executor))


def _shut_down(executor: Any) -> None:
    try:
        executor.shutdown(wait=True, cancel_futures=True)
    except TypeError:  # written for Python 3.8
        executor.shutdown(wait=True)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
