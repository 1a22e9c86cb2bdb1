"""The parts on which safety depends, and the tests that ought to notice a change of them."""

from __future__ import annotations

from typing import NamedTuple


class Room(NamedTuple):
    """Modules, or directories of them, and files or directories of tests."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


_BUILD_FILES = (
    *("tests/buildsystems/test_link_graph.py", "tests/buildsystems/test_link_graph_verdicts.py"),
    *("tests/buildsystems/test_link_references.py", "tests/buildsystems/test_module_sources.py"),
    *("tests/buildsystems/test_strict_links.py", "tests/buildsystems/test_cases.py"),
    *("tests/buildsystems/test_platforms_of_links.py", "tests/buildsystems/test_plugin_hosts.py"),
)
_PYTHON = (
    *("tests/python/test_fix_safety.py", "tests/python/test_unused_names.py"),
    *("tests/python/test_changed_names.py", "tests/python/test_reasons.py"),
    *("tests/python/test_deletion.py", "tests/python/test_unseen_uses.py"),
    *("tests/python/test_never_on_unix.py", "tests/python/test_cases.py"),
    *("tests/python/test_known.py", "tests/generated/test_programs.py"),
)

ROOMS = {
    "knowledge": Room(
        ("knowledge",),
        (
            "tests/knowledge",
            "tests/buildsystems/test_embedded_commands.py",
            *_BUILD_FILES,
            *_PYTHON,
        ),
    ),
    "links": Room(
        ("buildsystems/common",),
        (
            *_BUILD_FILES,
            *("tests/buildsystems/test_variable_uses.py", "tests/buildsystems/test_bytes.py"),
            *("tests/buildsystems/test_cmake_safe_fixes.py", "tests/buildsystems/test_setup_py.py"),
            *("tests/buildsystems/test_cmake_fixes.py", "tests/buildsystems/test_linker_words.py"),
            "tests/buildsystems/test_script_variable_uses.py",
            *("tests/buildsystems/test_pyproject.py", "tests/buildsystems/test_setup_clues.py"),
            *("tests/buildsystems/test_meson_values.py", "tests/buildsystems/test_shell.py"),
            "tests/buildsystems/test_links_of_other_systems.py",
        ),
    ),
    "fixes": Room(("python/fixes",), _PYTHON),
    "suppressions": Room(
        ("suppressions",),
        (
            *("tests/suppressions", "tests/notebook", "tests/engine/test_fix_suppressions.py"),
            *("tests/engine/test_add_suppressions.py", "tests/engine/test_fix_text.py"),
        ),
    ),
    "binary": Room(
        (
            *("binary/formats", "binary/repair/plan.py", "binary/repair/repair.py"),
            *("binary/shared_object.py", "binary/linked_programs.py", "binary/host_clues.py"),
            *("binary/loading_texts.py", "binary/needed_libraries.py", "binary/search_paths.py"),
        ),
        (
            *("tests/binary/test_elf.py", "tests/binary/test_damaged_elf.py"),
            *("tests/binary/test_macho.py", "tests/binary/test_repair.py"),
            *("tests/binary/test_hosts.py", "tests/binary/test_search_paths.py"),
            *("tests/binary/test_fix_command.py", "tests/binary/test_joint_repairs.py"),
            *("tests/binary/test_links.py", "tests/binary/test_reader.py"),
            *("tests/binary/test_embedded.py", "tests/binary/test_system_root.py"),
        ),
    ),
    "values": Room(
        ("python/evaluator", "python/dataflow"),
        ("tests/python/test_values.py", "tests/python/test_loads.py", *_PYTHON),
    ),
}
