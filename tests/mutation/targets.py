"""The parts on which safety depends, and the tests that ought to kill their mutants."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
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
    "tests/python/test_variants.py",
)

TARGETS = {
    "knowledge": Target(
        ("knowledge",),
        (
            "tests/knowledge",
            "tests/buildsystems/test_embedded_commands.py",
            *_BUILD_FILES,
            *_PYTHON,
        ),
    ),
    "links": Target(
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
    "fixes": Target(("python/fixes",), _PYTHON),
    "suppressions": Target(
        ("suppressions",),
        (
            *("tests/suppressions", "tests/notebook", "tests/engine/test_fix_suppressions.py"),
            *("tests/engine/test_add_suppressions.py", "tests/engine/test_fix_text.py"),
        ),
    ),
    "binary": Target(
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
    "values": Target(
        ("python/evaluator", "python/dataflow"),
        ("tests/python/test_values.py", "tests/python/test_loads.py", *_PYTHON),
    ),
    "cmake": Target(
        ("buildsystems/cmake",),
        (
            *("tests/buildsystems/test_cmake.py", "tests/buildsystems/test_cmake_carriers.py"),
            *("tests/buildsystems/test_cmake_conditions.py", "tests/buildsystems/test_cases.py"),
            *("tests/buildsystems/test_cmake_evidence.py", "tests/buildsystems/test_messages.py"),
            *("tests/buildsystems/test_cmake_fixes.py", "tests/buildsystems/test_link_graph.py"),
            *("tests/buildsystems/test_cmake_guarded_links.py", "tests/buildsystems/test_bytes.py"),
            *("tests/buildsystems/test_cmake_loops.py", "tests/buildsystems/test_strict_links.py"),
            "tests/buildsystems/test_cmake_modules.py",
            "tests/buildsystems/test_cmake_projects.py",
            "tests/buildsystems/test_cmake_safe_fixes.py",
            "tests/buildsystems/test_cmake_variables.py",
            *("tests/buildsystems/test_cmake_ways.py", "tests/buildsystems/test_templates.py"),
            "tests/buildsystems/test_link_graph_verdicts.py",
        ),
    ),
    "make": Target(
        ("buildsystems/make",),
        (
            *("tests/buildsystems/test_make.py", "tests/buildsystems/test_make_values.py"),
            "tests/buildsystems/test_automake_cargo.py",
            "tests/buildsystems/test_automake_projects.py",
            *("tests/buildsystems/test_guarded_flags.py", "tests/buildsystems/test_cases.py"),
            *("tests/buildsystems/test_libtool_fixes.py", "tests/buildsystems/test_link_graph.py"),
            *("tests/buildsystems/test_forwarded_flags.py", "tests/buildsystems/test_bytes.py"),
            *("tests/buildsystems/test_real_makefiles.py", "tests/buildsystems/test_messages.py"),
            *("tests/buildsystems/test_variable_uses.py", "tests/buildsystems/test_templates.py"),
            "tests/buildsystems/test_link_graph_verdicts.py",
        ),
    ),
    "python-syntax": Target(
        ("buildsystems/python_syntax",),
        (
            *("tests/buildsystems/test_setup_py.py", "tests/buildsystems/test_setup_values.py"),
            *("tests/buildsystems/test_setup_clues.py", "tests/buildsystems/test_setup_drivers.py"),
            "tests/buildsystems/test_setup_filters.py",
            *("tests/buildsystems/test_setup_helpers.py", "tests/buildsystems/test_scons.py"),
            "tests/buildsystems/test_lists_read_elsewhere.py",
            "tests/buildsystems/test_missed_libraries.py",
            "tests/buildsystems/test_links_of_other_systems.py",
            *(
                "tests/buildsystems/test_unusual_links.py",
                "tests/buildsystems/test_module_hosts.py",
            ),
            *("tests/buildsystems/test_messages.py", "tests/buildsystems/test_cases.py"),
            "tests/buildsystems/test_link_graph_verdicts.py",
        ),
    ),
    "files": Target(
        ("files",),
        (
            *("tests/files", "tests/engine/test_discover.py", "tests/engine/test_record_rows.py"),
            *("tests/cli/test_paths.py", "tests/cli/test_settings.py"),
            *("tests/engine/test_installed_files.py", "tests/hostile/test_links.py"),
            *("tests/hostile/test_searches.py", "tests/engine/test_prefilters.py"),
            *("tests/engine/test_fix_text.py", "tests/cli/test_config.py"),
        ),
    ),
    "written-files": Target(
        (
            *("engine/fix_text.py", "engine/fix_binary.py", "engine/edits.py"),
            *("engine/syntax_check.py", "engine/installed", "engine/add_suppressions.py"),
        ),
        (
            *("tests/engine/test_edits.py", "tests/engine/test_fix_text.py"),
            *("tests/engine/test_fix_suppressions.py", "tests/engine/test_encodings.py"),
            *("tests/engine/test_add_suppressions.py", "tests/engine/test_installed_files.py"),
            *("tests/engine/test_record_rows.py", "tests/binary/test_fix_command.py"),
            *("tests/binary/test_joint_repairs.py", "tests/cli/test_paths.py"),
            *("tests/hostile/test_links.py", "tests/generated/test_programs.py"),
        ),
    ),
}
