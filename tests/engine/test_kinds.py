"""Which files are build files, by name."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.kind import Kind, kind_of

NAMES = {
    "Makefile": Kind.MAKE,
    "Makefile.in": Kind.MAKE,
    "Makefile.linux": Kind.MAKE,
    "makefile.inc": Kind.MAKE,
    "GNUmakefile.common": Kind.MAKE,
    "rules.mk": Kind.MAKE,
    "Makefile.am": Kind.AUTOMAKE,
    "common.am": Kind.AUTOMAKE,
    "Dockerfile": Kind.DOCKERFILE,
    "dockerfile": Kind.DOCKERFILE,
    "Dockerfile.dev": Kind.DOCKERFILE,
    "Dockerfile-dev": Kind.DOCKERFILE,
    "Dockerfile.conda": Kind.DOCKERFILE,
    "Makefile.rpm": Kind.MAKE,
    "Makefile.zip": Kind.ARCHIVE,
    "x-Dockerfile.deb": Kind.ARCHIVE,
    "SCsub": Kind.SCONS,
    "python.inc": Kind.MAKE,
    "dockerfile.dev": Kind.DOCKERFILE,
    "dev.Dockerfile": Kind.DOCKERFILE,
    "dev.dockerfile": Kind.DOCKERFILE,
    "Containerfile": Kind.DOCKERFILE,
    "containerfile.alpine": Kind.DOCKERFILE,
    "x.Containerfile": Kind.DOCKERFILE,
    "CMakeLists.txt": Kind.CMAKE,
    "CMakeLists.txt.in": Kind.CMAKE,
    "CMakeLists-python.txt": Kind.CMAKE,
    "CMakeLists_old.txt": Kind.CMAKE,
    "Makefile-python3": Kind.MAKE,
    "Submakefile": Kind.MAKE,
    "Make.rules": Kind.MAKE,
    "BUILD.bazel": Kind.BAZEL,
    "zlib.BUILD": Kind.BAZEL,
    ".travis.yml": Kind.YAML,
    "azure-pipelines.yml": Kind.YAML,
    ".circleci/config.yml": Kind.YAML,
    "SConstruct": Kind.SCONS,
    "Sconstruct": Kind.SCONS,
    "sconscript": Kind.SCONS,
    "wscript": Kind.WAF,
    "wscript_build": Kind.WAF,
    "PKGBUILD": Kind.SHELL,
    "x-1.0.ebuild": Kind.SHELL,
    "configure.ac": Kind.AUTOCONF,
}
OTHERS = [
    "Makefile.PL",
    "makefile.patch",
    "Makefile.am.diff",
    "Makefile.sln",
    "Dockerfile.patch",
    "Dockerfile.old",
    "makefile.pl",
    "Makefile.md",
    "Makefile.txt",
    "Makefile.orig",
    "Makefile_notes",
    "MakefileX.linux",
    "xMakefile",
    "Dockerfile_notes",
    "dockerfiles",
    "CMakeLists.txt.bak",
    "CMakeCache.txt",
    "CMakeLists",
    "Makefile-notes.txt",
    "circleci/config.yml",
    "travis.yml",
    "sconstruction",
    "wscripts",
    "pkgbuild",
    "am",
    "program",
]


@pytest.mark.parametrize(("name", "kind"), NAMES.items(), ids=NAMES)
def test_a_build_file_is_known_by_its_name(name: str, kind: Kind) -> None:
    assert kind_of(name) is kind
    assert kind_of(f"some/folder/{name}") is kind


@pytest.mark.parametrize("name", OTHERS)
def test_names_that_look_alike_say_nothing(name: str) -> None:
    assert kind_of(name) is None


def test_a_suffix_of_a_language_goes_before_a_variant() -> None:
    assert kind_of("Makefile.py") is Kind.PYTHON
    assert kind_of("Dockerfile.sh") is Kind.SHELL


@pytest.mark.parametrize(
    ("name", "line", "kind"),
    [
        ("debian/rules", b"#!/usr/bin/make -f", Kind.MAKE),
        ("bootstrap", b"#!/bin/sh", Kind.SHELL),
        ("bootstrap", b"#! /usr/bin/env perl", Kind.PYTHON),
        ("tool", b"#!/usr/bin/env python3", Kind.PYTHON),
        ("tool", b"PK\x03\x04", Kind.PYTHON),
        ("m.py", b"#!/bin/sh", Kind.PYTHON),
        ("notes", b"", Kind.PYTHON),
    ],
)
def test_content_without_a_telling_name_is_known_by_its_first_line(
    name: str, line: bytes, kind: Kind
) -> None:
    assert api.text_kind(name, line + b"\n") is kind
    data = line + b"\nall:\n\tLDFLAGS=-lpython3.11 pip install .\n"
    found = [finding.code for finding in api.check_bytes(data, name)]
    assert ("NLP201" in found) == (kind in (Kind.MAKE, Kind.SHELL))
