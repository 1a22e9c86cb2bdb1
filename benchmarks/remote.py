"""Checking wheels of an index from afar: what is moved, beside `pip download` of the same wheels.

Of each package the newest wheel for Linux is read over the index that pip is configured to use,
by `nolibpy`, and downloaded by pip. Bytes are counted as they come from the server, without
headers; a byte that is moved twice counts twice. Ends with status 1 where more than a whole
wheel is moved.

    python benchmarks/remote.py [PACKAGE ...]
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

from no_libpython_dlopen.binary.archives.texts import TextMembers
from no_libpython_dlopen.package_index import reader
from no_libpython_dlopen.package_index.http_client import Body, Client
from no_libpython_dlopen.package_index.pip_settings import Settings, read_pip_settings
from no_libpython_dlopen.package_index.simple_api import File

PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "opencv-python-headless", "torch")


class Counter:
    """Counts requests and the bytes of their answers while the block runs."""

    def __init__(self) -> None:
        self.requests = 0
        self.moved = 0
        self._open, self._raw = Client.open, Body._raw

    def __enter__(self) -> Counter:
        def opened(client: Client, *args: object, **options: object) -> Body:
            self.requests += 1
            body: Body = self._open(client, *args, **options)  # type: ignore[arg-type]
            return body

        def raw(body: Body, size: int) -> bytes:
            data = self._raw(body, size)
            self.moved += len(data)
            return data

        Client.open, Body._raw = opened, raw  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *_: object) -> None:
        Client.open, Body._raw = self._open, self._raw  # type: ignore[method-assign]


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def read(file: File, settings: Settings) -> None:
    """Read one wheel as `nolibpy check` and `nolibpy survey` do."""
    with TextMembers() as texts:
        reader.read(file, settings, texts)


def download(file: File) -> None:
    """Download one wheel with pip, checksum included."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
        *_, python, abi, tag = file.filename.removesuffix(".whl").split("-")
        tags = [f"--python-version={python.split('.')[0][2:]}", f"--abi={abi.split('.')[0]}"]
        tags += [f"--platform={each}" for each in tag.split(".")]
        wanted = f"{file.project}=={file.version}"
        subprocess.run(
            [*command, "--only-binary=:all:", *tags, "-d", folder, wanted],
            check=True,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PIP_CONSTRAINT": os.devnull},
        )


def main() -> int:
    settings = read_pip_settings()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"{'':<24}{'MB':>8}{'moved':>9}{'requests':>10}{'seconds':>9}{'pip':>7}{'peak MiB':>10}")
    worst = 0.0
    for name in sys.argv[1:] or PACKAGES:
        file = reader.resolve(name, settings, platform=f"manylinux*_{platform.machine()}").files[0]
        with Counter() as counter:
            seconds = timed(partial(read, file, settings))
        by_pip = timed(partial(download, file))
        size = file.size or 0
        worst = max(worst, counter.moved / size)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:<24}{size / 1e6:>8.1f}{counter.moved / size:>9.1%}{counter.requests:>10}"
            f"{seconds:>9.1f}{by_pip:>7.1f}{peak:>10.0f}",
            flush=True,
        )
    print("wanted: never more than the wheel")
    return 0 if worst <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
