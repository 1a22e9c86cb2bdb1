"""One target under atheris, in a process that atheris ends: ``__main__`` starts it.

Arguments are the target's name, the seconds, and libFuzzer's own options. The number of
inputs in which something was found is kept in the file ``found`` of the folder for
temporary files.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import random
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

import atheris

#: Seconds of the processor for one input. A file has two; a check reads it some ten times,
#: and instrumented code takes twice as long.
MOST_SECONDS = 10.0
#: Mebibytes that the whole process may take; without input it takes some 200.
MOST_MEMORY = 1500


class TooSlow(BaseException):
    """An input took longer than any may; no ``except Exception`` may catch it."""


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow


def import_all() -> None:
    """Import the whole package, instrumented, since much of it is imported when needed."""
    with atheris.instrument_imports(include=["no_libpython_dlopen"]):
        import no_libpython_dlopen

        for module in pkgutil.walk_packages(no_libpython_dlopen.__path__, "no_libpython_dlopen."):
            if not module.name.endswith(("__main__", "sitecustomize", "pytest_plugin")):
                importlib.import_module(module.name)


def main(name: str, seconds: str, *options: str) -> None:
    """Fuzz the target called ``name``. Does not return."""
    import_all()
    from tests.fuzz.mutation import mutated
    from tests.fuzz.targets import CORPUS, LONGEST, TARGETS

    target = TARGETS[name]
    seeds, words = target.inputs(), target.dictionary()
    signal.signal(signal.SIGVTALRM, _too_slow)
    found = 0
    told = os.open(os.path.join(tempfile.gettempdir(), "found"), os.O_WRONLY | os.O_CREAT)

    def one(data: bytes) -> None:
        nonlocal found
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
        try:
            right = target.check(data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if right:
            found += 1
            os.pwrite(told, b"%d" % found, 0)  # whoever started this reads it in the end

    def change(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.4:
            data = atheris.Mutate(data, longest)
        else:
            data = mutated(data, chance, words, seeds)
        if target.mend and chance.random() < 0.8:
            data = target.mend(data)
        return data[:longest]

    folder = tempfile.mkdtemp(prefix="seeds-")
    for number, seed in enumerate(seeds):
        Path(folder, f"{number:04}").write_bytes(seed)
    kept = CORPUS / name
    kept.mkdir(parents=True, exist_ok=True)
    arguments = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-print_final_stats=1"]
    arguments += [
        "-timeout=120",
        "-report_slow_units=120",
        f"-rss_limit_mb={MOST_MEMORY}",
        f"-artifact_prefix={kept}/",
    ]
    atheris.Setup([name, *arguments, *options, folder], one, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
