"""Models of paths: their parts, how they are joined, and whether there is a file."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Any

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Items,
    concatenate,
    items,
    one_of,
    texts,
)

Model = AbstractValue | None


def path_part(function: Callable[[str], Any], arguments: Arguments) -> Model:
    """Return the part of a path that a function of ``os.path`` gives."""
    first = arguments.get(0)
    return None if first is None else one_of(*map(function, texts(first)), labels=first.labels)


def file_exists(path: AbstractValue | None) -> AbstractValue:
    """Return whether there is such a file or folder: none of Android's on plain Unix."""
    is_foreign = path is not None and all(map(platforms.is_foreign_path, texts(path)))
    return one_of(False, labels=FROM_PLATFORM) if is_foreign else UNKNOWN


def split_extension(path: str) -> Items:
    """Return the value of ``os.path.splitext``: without a dot, an unknown part may have one."""
    stem, suffix = posixpath.splitext(path)
    if not suffix and UNKNOWN_PART in path:
        stem = suffix = UNKNOWN_PART
    return items(one_of(stem), one_of(suffix))


def join_paths(parts: tuple[AbstractValue, ...], complete: bool = True) -> AbstractValue:
    """Return the value of paths joined with a slash; an absolute one drops those before."""
    if not parts:
        return one_of(".") if complete else UNKNOWN_TEXT
    result = concatenate([parts[0]])
    for part in parts[1:]:
        tails = texts(part)
        labels = result.labels | part.labels
        heads = texts(result)
        if len(heads) * len(tails) > 64:
            heads = [UNKNOWN_PART]
        result = one_of(*(_path(head, tail) for head in heads for tail in tails), labels=labels)
    return result if complete else concatenate([result, UNKNOWN_TEXT])


def _path(head: str, tail: str) -> str:
    if tail.startswith("/") or not head:
        return tail
    return head + tail if head.endswith("/") else f"{head}/{tail}"
