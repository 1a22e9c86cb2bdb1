"""Reading build files: which line links an extension module to libpython.

``registry`` has one record for each language: which modules read it, which lexer knows its
comments, which words ``prefilter`` asks for. Two questions are asked everywhere: does this
reach the link line of an *extension module*, and is it so where the link is not needed?

common           the link graph, deletions, sibling files, the lexers' error
cmake, meson     lexer, parser, conditions, interpreter, fixes, reader
make, shell      the same without a parser; automake, autoconf, Dockerfiles
commands         what these share: text with its provenance, path exploration, linker and
                 packaging commands, and what all commands of a file link
python_syntax    setup.py, SCons, Bazel: script model, backward slice, sinks, deletions
settings_files   setup.cfg, pyproject.toml, Cython's header comments
rust             build.rs with the Cargo.toml beside it
"""
