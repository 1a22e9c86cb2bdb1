"""Reading build files: which line links an extension module to libpython.

One module a language, each with a small lexer that loses no character and a
``read(source)`` that yields ``facts.Link``; ``reader`` picks the module by the file's
kind and imports it only then, ``prefilter`` tells from the bytes which files cannot
hold a finding. This package imports names, platforms, findings, facts and sources;
``setup_py`` may also ask ``python`` to evaluate an argument.
"""
