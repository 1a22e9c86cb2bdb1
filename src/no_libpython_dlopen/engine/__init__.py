"""From paths to findings, and from findings to repaired files.

Finds the files, runs the readers and rules over them, applies fixes and writes them.
May import rules, readers, configuration and everything below; knows nothing of the
command line or of how findings are shown. Entry points for other programs: ``api``.
"""
