"""Built artefacts: which of them ask the loader for libpython, and how that is undone.

``formats`` reads ELF, Mach-O and the dynamic section, with bounds that no file exceeds; it
imports ``struct`` and nothing else, since the runtime guard reads an extension module with
it before it is mapped. ``shared_object`` says what one binary is, ``needed_libraries`` what
it needs through others beside it, ``binary_facts`` which facts that makes, and ``reader``
does all of it for a path. ``archives`` reads every member of a wheel, an egg, a source
distribution or a conda package, and judges them together. ``repair`` removes libpython from
a dynamic section, in a file or inside a wheel.
"""
