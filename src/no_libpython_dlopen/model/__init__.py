"""What flows through a run: source, facts, findings, edits, fixes and rules.

Imports the standard library, ``knowledge`` and ``files``.
"""
