"""``nolibpy fix`` for Python code as a libcst codemod, to be run together with other codemods.

``python -m libcst.tool codemod -x no_libpython_dlopen.codemod.UsePythonapi FILE…`` applies the
safe fixes, with ``--unsafe-fixes`` all of them. ``-x`` says that the command is none of those
that a ``.libcst.codemod.yaml`` configures; ``--no-format`` keeps libcst's tool from running a
formatter over the file.
"""

from __future__ import annotations

import argparse

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

from no_libpython_dlopen.config import Configuration
from no_libpython_dlopen.engine.api import fix_bytes
from no_libpython_dlopen.model.finding import UNREADABLE


class UsePythonapi(CodemodCommand):
    """Rewrite loads of libpython to ``ctypes.pythonapi``, or to a private view of it.

    Configuration and suppression comments apply as in ``nolibpy fix``.
    """

    DESCRIPTION = "Fix Python code that loads or links libpython, as `nolibpy fix` does."

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
        """Return the module with its fixes applied. Raises ``SkipFile`` if it was not analysed.

        libcst's tool does not tell a file that was named from one that it found in a folder, so
        exclusions hold for both.
        """
        path = self.context.filename or "<module>"
        configuration = Configuration()
        settings = configuration.for_file(path)
        for problem in configuration.problems:
            self.warn(problem)
        if self.context.filename and settings.excludes(path):
            raise SkipFile("excluded by the configuration of nolibpy")
        unsafe = self._unsafe or settings.unsafe_fixes
        result = fix_bytes(tree.bytes, path, unsafe=unsafe, settings=settings)
        for finding in result.findings:
            if finding.code == UNREADABLE:
                raise SkipFile(finding.message)
        return cst.parse_module(result.data) if result.applied else tree
