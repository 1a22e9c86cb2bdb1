"""Reading build files: which line links an extension module to libpython.

``reader`` picks a language's module by the file's kind and imports it only then. Each has
``read(source)``, which yields ``facts.Link``. Two questions are asked everywhere: does this
reach the link line of an *extension module*, and is it so on plain Unix?

CMake         ``cmake``; lexer, words, tree, variables, guard, run, link (targets), model,
              meaning, remedy and edit are its ``cmake_…`` modules, in the order of work
Meson         ``meson``; ``meson_lexer``, ``_tree``, ``_values``, ``_calls``, ``_walk``
Make          ``make``; ``make_lexer``, ``_relevance``, ``_expand``, ``_condition``, ``_run``,
              ``_rule``, ``_recipe``. ``automake`` walks the same way, and asks ``autoconf``
shell         ``shell``; ``shell_words``, ``_expand``, ``_test``, ``_run``. ``dockerfile``
              (``dockerfile_lexer``) hands it its ``RUN`` instructions
Python        ``setup_py`` with ``setup_sinks``; ``scons`` and ``bazel`` share its syntax;
              ``embedded`` finds Python inside shell scripts and Dockerfiles
settings      ``setup_cfg``, ``pyproject`` (``toml_lexer``), ``cython``
Rust          ``cargo`` (``rust_lexer``)

For Make, shell, Automake and Dockerfiles: text that knows where it was written (``traced``),
conditions (``guards``) and the walks through them (``walks``); a quick look whether any is
worth while (``suspicion``); one command (``link_line``, ``packaging_command``), and all
commands of a file together (``hand_built``).

For Python's syntax: parse and drive (``python_syntax``); truth on plain Unix
(``plain_unix``); names, calls and growing lists (``python_script``); what is given to a
linker (``sink``), where it comes from (``origins``, ``contributions``, ``spelling``), who
else uses it (``users``), what is told of it (``linker``), how it is taken out (``excision``).

For all: bytes that hold nothing (``prefilter``), platforms (``target_platforms``), the lexers' error
(``lexing``), other files of the project (``neighbour``), what is deleted with a word or an
item (``cut``), the fact and its fix (``link``).

This package imports names, platforms, findings, facts and sources; those for Python's
syntax may also ask ``python`` to evaluate an expression.
"""
