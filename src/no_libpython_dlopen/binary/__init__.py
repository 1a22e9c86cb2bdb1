"""Reading built artefacts: who asks the loader for libpython, and undoing that.

``access``, ``elf`` and ``macho`` import ``struct`` and nothing else, since the runtime
guard reads an extension module with them before it is mapped. ``module`` judges one
shared object, ``wheel`` and ``archive`` look at every member of an archive, ``reader``
turns all of it into facts, ``repair`` edits a dynamic section. This package imports
names, platforms, findings, facts and sources.
"""
