"""The fix as a libcst codemod, for those who run codemods over many repositories.

``python -m libcst.tool codemod -x no_libpython_dlopen.python.fixes.codemod.UsePythonapi FILE…``
applies the safe fixes, with ``--unsafe-fixes`` all of them. ``-x`` says that the command is
none of those that a ``.libcst.codemod.yaml`` configures; ``--no-format`` keeps libcst's
tool from running a formatter over the file.
"""

from __future__ import annotations

import argparse

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.model.limits import FIX_PASSES
from no_libpython_dlopen.model.source import Kind, Source, Unreadable
from no_libpython_dlopen.python import reader


class UsePythonapi(CodemodCommand):
    """Rewrite loads of libpython to ``ctypes.pythonapi``, or to a private view of it."""

    DESCRIPTION = "Rewrite ctypes loads of libpython to ctypes.pythonapi."

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Add the command's own option."""
        arg_parser.add_argument(
            "--unsafe-fixes",
            action="store_true",
            help="also make the fixes that may change what the program does",
        )

    def __init__(self, context: CodemodContext, *, unsafe_fixes: bool = False) -> None:
        super().__init__(context)
        self._unsafe = unsafe_fixes

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """Return the module with its loads rewritten. Raises ``SkipFile`` if it cannot be."""
        data = tree.bytes
        path = self.context.filename or "<module>"
        for _ in range(FIX_PASSES):
            source = Source(path, Kind.PYTHON, data)
            try:
                edits = self._edits(source)
            except Unreadable as error:
                raise SkipFile(error.reason) from error
            if not edits:
                break
            text = source.text
            for edit in sorted(edits, key=lambda one: one.start, reverse=True):
                text = text[: edit.start] + edit.new + text[edit.end :]
            data = source.encode(text)
        return cst.parse_module(data)

    def _edits(self, source: Source) -> set[Edit]:
        """Return the edits of the fixes that go together."""
        taken: set[Edit] = set()
        for load in reader.read(source):
            fix = load.fix.choose(unsafe=self._unsafe) if load.fix is not None else None
            if fix is None:
                continue
            new = [edit for edit in fix.edits if edit not in taken]
            if all(a.end < b.start or b.end < a.start for a in new for b in taken):
                taken.update(new)
        return taken
