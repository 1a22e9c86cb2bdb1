"""Error messages about libpython, by their wording: which situation each of them tells of.

A message is told apart by who speaks (ImportError, the dynamic loader, dyld, a linker, a
packager) and of which file. The wordings are glibc's (``elf/dl-load.c``, ``elf/dl-reloc.c``,
``elf/dl-lookup.c``), musl's (``ldso/dynlink.c``), dyld's, those of GNU ld, lld and Apple's
ld, rustc, CPython's ``Py_FatalError`` and those of PyInstaller, Nuitka, PyCall, PythonCall,
reticulate, cocotb, Vim, pythonnet, auditwheel, delocate, dpkg-shlibdeps, rpm and dnf.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.knowledge.situations import (
    builds,
    crashes,
    dynamic_loader,
    embedding_programs,
    unusable_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from no_libpython_dlopen.knowledge.situations.explanation import Explanation

_LIBRARY = (
    r"(?P<library>[^\s'\"`,(]*?(?:libpython3?[^\s'\"`,:()]*|Python3?\.framework/[^\s'\"`,:()]+))"
)
#: No path or symbol is that long, and the patterns would take time for it.
_LONG_WORD = re.compile(r"\S{501,}")
_OPEN = r"cannot open shared object file"
#: Frozen programs for macOS bring a framework's library, which is called like this.
_BUNDLED = r"[^\s'\"(]+/\.?Python3?\b"
#: A libpython to link to, which may be a static one.
_FILE = (
    r"[^\s'\"`]*libpython\d[\d.]*[a-z]{0,3}(?:[-_][a-z]{1,6})?(?:\.dll)?\.(?:a|so|dylib|tbd)[\d.]*"
)
#: The name by which a linker is asked for one.
_LINKED = r"python(?:\d(?:[\d.]*\d)?[a-z]{0,3})?(?![-\w]|\.\w)"
#: Patterns that begin with a path begin where a word does: elsewhere it would be tried in vain.
_WORD = r"(?<![^\s'\"`,(])"
#: Modules export the first, and other packages define the rest: they are not Python's.
_OTHERS = r"Init_|Qt|Side|Array_|UFunc_|DataMem_|ObjC|GObject_"
_PY_SYMBOL = rf"['`\"]?(?P<symbol>_{{0,2}}Py(?!{_OTHERS})[A-Z_]\w*)"
#: Reasons of the system (``errno(3)``) for which a file that is there is not opened.
_REFUSED = (
    r"(?:Permission denied|Operation not permitted|Too many|Input/output error|Cannot allocate"
    r"|Error \d)[^\n'\"]{0,60}"
)
#: Reasons for which what is found is no library for this process.
_UNUSABLE = (
    r"(?:invalid ELF header|wrong ELF class: \w+|file too short|only ET_DYN and ET_EXEC can be loaded"
    r"|object file has no (?:dynamic section|loadable segments)|ELF file(?:'s)? [^\n'\"]{1,60}"
    r"|cannot dynamically load (?:position-independent )?executable|mach-o, but wrong architecture)"
)
#: The order matters: what names its speaker comes before what does not.
_SITUATIONS: tuple[tuple[str, Callable[[re.Match[str]], Explanation | None]], ...] = (
    (
        rf"{_WORD}{_LIBRARY}: cannot allocate memory in static TLS block",
        unusable_files.explain_late_library,
    ),
    (
        rf"{_WORD}{_LIBRARY}: (?P<reason>ELF load command (?:alignment|address)[^\n'\"]{{1,40}}aligned)",
        unusable_files.explain_page_size,
    ),
    (
        (
            rf"{_WORD}{_LIBRARY}['\"]?: (?P<reason>{_OPEN}: {_REFUSED}"
            r"|failed to map segment from shared object[^\n'\"]{0,60}"
            r"|cannot (?:stat|read|enable|change|map|allocate|apply|make|restore)[^\n'\"]{1,100})"
        ),
        unusable_files.explain_refused_library,
    ),
    (
        rf"Error loading shared library {_LIBRARY}: (?P<reason>(?!No such file|Exec format)[^\n()]{{1,60}}[^\n() ])",
        unusable_files.explain_refused_library,
    ),
    (
        (
            rf"(?:code signature in [^\n]{{0,100}}?|shared library ')(?:{_LIBRARY}|(?P<bundled>{_BUNDLED}))"
            r"[^\n]{0,40}?(?P<reason>not valid[^\n:,']{0,100}|library load disallowed by system policy)"
        ),
        unusable_files.explain_refused_library,
    ),
    (
        (
            r"[Ss]ymbol not found: \(?(?P<missing>_(?!_{0,2}Py)\w+)\)?\s+Referenced from: "
            rf"(?:<[^>\n]*> )?'?(?:{_LIBRARY}|(?P<bundled>{_BUNDLED}))"
        ),
        unusable_files.explain_newer_library,
    ),
    (
        (
            r"(?:Error loading Python lib|Failed to load Python shared library) "
            rf"'?(?:{_LIBRARY}|(?P<bundled>{_BUNDLED}))'?:?"
        ),
        dynamic_loader.explain_frozen_error,
    ),
    (
        rf"(?P<error>Import ?Error|OSError): {_LIBRARY}: ?{_OPEN}",  # some type what they read
        dynamic_loader.explain_import_error,
    ),
    (rf"(?P<error>OSError): dlopen\({_LIBRARY}, ", dynamic_loader.explain_import_error),
    (rf"{_WORD}{_LIBRARY}['\"]?: (?P<reason>{_UNUSABLE})", unusable_files.explain_unusable_library),
    (
        rf"Error loading shared library {_LIBRARY}: (?P<reason>Exec format error)",
        unusable_files.explain_unusable_library,
    ),
    (
        (
            rf"{_WORD}{_LIBRARY}' \((?P<reason>[^()]*incompatible architecture \([^()]*\)"
            r"|not a mach-o file|slice is not valid mach-o file)"
        ),
        unusable_files.explain_unusable_library,
    ),
    (
        rf"version [`'](?P<missing>\w+_[\d.]+)' not found \(required by {_LIBRARY}\)",
        unusable_files.explain_newer_library,
    ),
    (
        (
            rf"{_WORD}{_LIBRARY}: (?:undefined symbol: (?P<missing>(?!_{{0,2}}Py)\w+)"
            r"|symbol (?P<versioned>\w+),? version \S+ not defined in file)"
        ),
        unusable_files.explain_newer_library,
    ),
    (
        (
            r"(?:(?<![^\s:])(?P<program>[^\s:]+): )?"
            rf"error while loading shared libraries: {_LIBRARY}: {_OPEN}"
        ),
        dynamic_loader.explain_loader_error,
    ),
    (
        rf"Error loading shared library {_LIBRARY}: No such file[^(\n]*(?:\(needed by (?P<needing>[^)]+)\))?",
        dynamic_loader.explain_musl_error,
    ),
    (
        rf"Error relocating {_WORD}{_LIBRARY}: (?P<missing>(?!_{{0,2}}Py)\w+): symbol not found",
        unusable_files.explain_newer_library,
    ),
    (
        rf"[Ll]ibrary not loaded: (?:{_LIBRARY}|(?P<bundled>{_BUNDLED}))",
        dynamic_loader.explain_dyld_error,
    ),
    (
        rf"[Ss]ymbol not found(?: in flat namespace|:)[ (]*{_PY_SYMBOL}",
        dynamic_loader.explain_flat_namespace,
    ),
    (r"@LIBPYTHON@", builds.explain_unset_variable),
    (
        (
            rf"(?P<name>(?<=cannot find )-l{_LINKED}|(?<=not found for )-l{_LINKED}"
            rf"|(?<=library '){_LINKED}(?=' not found)|(?<=unable to find library )-l{_LINKED}"
            rf"|(?<=No rule to make target ['`]){_FILE}|(?<=ninja: error: '){_FILE}"
            rf"|(?<=error: ){_FILE}(?=: No such file))"
        ),
        builds.explain_link_error,
    ),
    (
        rf"{_WORD}{_LIBRARY}, needed by (?P<needing>[^\n,]{{1,300}}), not found \(try using -rpath",
        builds.explain_linked_library,
    ),
    (
        r"could not find native static library [`'](?P<name>python3(?:\.\d+)?[a-z]{0,3})[`']",
        builds.explain_crate,
    ),
    (
        (
            rf"dpkg-shlibdeps: [^\n]{{0,60}}(?:library|found for) {_LIBRARY}\s+(?:needed by |\(used by )"
            r"(?P<needing>[^\s)]{1,300})"
        ),
        builds.explain_package,
    ),
    (
        rf"{_WORD}{_LIBRARY}\(\)(?:\(64bit\))?,? (?:is )?needed by (?P<needing>\S{{1,300}})",
        builds.explain_package,
    ),
    (
        rf"{_WORD}(?P<name>{_FILE})\([^)\n]{{0,200}}\): relocation [^\n]*recompile with -fPI(?P<kind>[CE])",
        builds.explain_static_library,
    ),
    (
        r"(?:undefined reference(?: to |: )|error: undefined symbol: |Undefined symbols for [^\n]*\s*)"
        + _PY_SYMBOL,
        builds.explain_reference_error,
    ),
    (
        (
            r"(?<![^\s:])(?P<program>[^\s:]+): symbol lookup error: (?P<file>[^\s:]+): "
            rf"undefined symbol: {_PY_SYMBOL}"
        ),
        embedding_programs.explain_lookup_error,
    ),
    (
        rf"undefined symbol: {_PY_SYMBOL}[ \t]+\((?P<file>/[^\s()]+)\)",
        embedding_programs.explain_ldd,
    ),
    (
        (
            r"\(0x[0-9a-f]{6,16}\)[ \t]*\n"
            rf"Error relocating (?P<file>\S+): {_PY_SYMBOL}: symbol not found"
        ),
        embedding_programs.explain_ldd,
    ),
    (
        rf"(?:(?<![^\s:])(?P<file>[^\s:]+): )?undefined symbol: {_PY_SYMBOL}",
        dynamic_loader.explain_undefined_symbol,
    ),
    (
        rf"Error relocating (?<![^\s:])(?P<file>[^\s:]+): {_PY_SYMBOL}: symbol not found",
        dynamic_loader.explain_undefined_symbol,
    ),
    (
        (
            r"Fatal Python error: (?:(?P<function>\w+): )?(?:the function must be called with (?:"
            r"the GIL held|an active thread state)|no current thread|NULL tstate|current thread state is NULL"
            r"|Python memory allocator called without holding the GIL"
            r"|auto-releasing thread-state, but no thread-state)"
        ),
        crashes.explain_fatal_error,
    ),
    (
        (
            r"(?:find the required symbol in libpython: |Failed to load symbol |Could not load library "
            rf"function ){_PY_SYMBOL}"
        ),
        embedding_programs.explain_unknown_function,
    ),
    (
        (
            r"init_?fs_?encoding: |unable to load the file system codec"
            r"|(?:Fatal Python error|ModuleNotFoundError|ImportError): [^\n]{0,200}No module named '?encodings(?![.\w])"
            r"|No module named '?_collections_abc\b"
        ),
        embedding_programs.explain_no_standard_library,
    ),
    (
        r"SRE module mismatch|bad magic number in '(?:encodings|site|os)\b",
        embedding_programs.explain_other_standard_library,
    ),
    (
        (
            r"(?:required library \"|Could not find all dependencies[^\n]{0,200}\n\s*)"
            rf"{_LIBRARY}\"? (?:could not be located|not found)"
        ),
        builds.explain_wheel_error,
    ),
    (
        r"(?:Package|Dependency|No package) ['\"]?(?P<name>python-?3(?:\.\d+)?-embed)\b['\"]? (?:was not |not )?found",
        builds.explain_pkg_config_error,
    ),
    (
        (
            r"Python library not found|Python shared library (?:'[^'\n]*' )?not found|PythonLibraryNotFoundError"
            r"|built without a shared library|Couldn't find libpython|Unable to find libpython"
            r"|statically linked to libpython|only supports embedding the Python interpreter statically|Python library \"[^\"]*\.a\" could not be opened"
            r"|libpython: +\S+ *\[NOT FOUND\]|Candidate: \S*libpython\S*\s{1,9}[^\n]{0,40}Not found"
            r"|the Python library could not be loaded|Runtime\.PythonDLL was not set"
            r"|Could not load (?:library )?\S*libpython\S*\.a\b|need[^\n]{0,200}--enable-shared"
        ),
        builds.explain_no_shared_library,
    ),
    (r"[Ss]tatic libpython (?:is not found|failed)", builds.explain_no_static_library),
    (
        (
            r"Could NOT find (?:Python3?|PythonLibs(?:New)?) \(missing"
            r"(?P<parts>[^()]{0,300}?(?P<part>P(?:ython3?|YTHON)_LIBRAR\w+|Development(?!\.[MS])(?:\.\w+)?)"
            r"[^()]{0,300})"
        ),
        builds.explain_cmake_error,
    ),
    (
        rf"(?P<host>Could not load (?:library )?|Unable to load Python library '?){_LIBRARY}",
        dynamic_loader.explain_missing_library,
    ),
    (
        (
            rf"{_WORD}(?:(?P<program>[^\s:'\"(]+\.\w+)['\"]?\)?[:,] (?:failed: |reason: )?)?"
            rf"['\"]?{_LIBRARY}['\"]? ?: ?{_OPEN}"
        ),
        dynamic_loader.explain_missing_library,
    ),
    (rf"{_WORD}{_LIBRARY} => not found", dynamic_loader.explain_missing_library),
    (r"(?<!\S)#\d+ +(?:0x[0-9a-f]+ )?(?:in )?_?Py[A-Z_]", crashes.explain_backtrace),
    (
        (
            r"Segmentation fault|SIGSEGV|SIGABRT|signal \(?(?:11|6)\b|free\(\): invalid"
            r"|double free or corruption"
        ),
        crashes.explain_segmentation_fault,
    ),
    (
        r"(?<![^\s'\"])(?P<dll>(?:[^\s'\"]*[\\/])?python3\d*(?:_d)?\.(?:dll|lib))\b",
        embedding_programs.explain_windows_library,
    ),
)


def explain(text: str) -> Explanation | None:
    """Return the situation that an error message, or a log with one, tells of.

    The first situation counts whose message is there; ``None`` where there is none.
    """
    text = _LONG_WORD.sub(" ", text.replace("\u2018", "'").replace("\u2019", "'"))
    for pattern, make in _SITUATIONS:
        for match in re.finditer(pattern, text, re.MULTILINE):
            library = match.groupdict().get("library")
            if library is None or is_libpython(library):
                found = make(match)
                if found is not None:
                    return found
                break  # what it needs besides is not in the text
    return None
