"""Conditions on systems besides Linux, macOS and Windows. A reported line says so at its end."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found, marked, text_of

CASES = {
    "setup.py": """
    libs, more, others = [], [], []
    if sys.platform == "ios":
        libs.append("python3.13")
    if sys.platform.startswith("openbsd"):
        libs.append("python3.12")  # expect: NLP201
    if sys.platform.startswith("aix"):
        libs.append("python3.11")  # expect: NLP201
    if sys.platform not in ("linux", "darwin"):
        libs.append("python3.10")
    elif not sys.platform.startswith(("linux", "win32")):
        libs.append("python3.9")  # expect: NLP201
    if not (sys.platform == "linux" or sys.platform == "darwin"):
        libs.append("python3.10")
    else:
        libs.append("python3.8")  # expect: NLP201
    for_windows = ["python3.10"] if sys.platform not in ("linux", "darwin") else []
    if sys.platform == "linux":
        chosen = ["python3.7"]  # expect: NLP201
    elif sys.platform == "darwin":
        chosen = []
    elif sys.platform.startswith("freebsd"):
        chosen = ["python3.6"]  # expect: NLP201
    else:
        chosen = ["python3.10"]
    if sys.platform == "linux":
        chosen.append("m")
    else:
        chosen.append("python3.5")  # expect: NLP201
        if sys.platform != "darwin":
            chosen.append("python3.10")
    libs += [] if sys.platform == "linux" else ["m"] if sys.platform == "darwin" else ["python3.10"]
    libs += chosen
    setup(ext_modules=[setuptools.Extension("band", ["band.c"], libraries=libs + for_windows)])
    """,
    "CMakeLists.txt": """
    cmake_minimum_required(VERSION 3.15)
    find_package(Python3 COMPONENTS Interpreter Development)
    Python3_add_library(band MODULE band.c)
    if(IOS)
      target_link_libraries(band PRIVATE Python3::Python)
    endif()
    if(CMAKE_SYSTEM_NAME STREQUAL iOS)
      target_link_libraries(band PRIVATE Python3::Python)
    endif()
    if(NOT IOS)
      target_link_libraries(band PRIVATE python3.12)  # expect: NLP201
    endif()
    if(CMAKE_SYSTEM_NAME STREQUAL OpenBSD)
      target_link_libraries(band PRIVATE python3.11)  # expect: NLP201
    endif()
    """,
    "build.sh": """
    case "$PLATFORM" in
      ios*) LIBS=-lpython3.13 ;;
    esac
    if [ "$(uname)" = OpenBSD ]; then
      MORE=-lpython3.11  # expect: NLP201
    fi
    cc -shared -o band.abi3.so band.o $MORE
    """,
}


@pytest.mark.parametrize(("name", "block"), CASES.items(), ids=CASES)
def test_ios_needs_the_link_and_other_unix_systems_do_not(name: str, block: str) -> None:
    text = text_of(block)
    if name == "setup.py":
        text = f"import setuptools, sys\nfrom setuptools import setup\n{text}"
    assert [(f.start.row, f.code) for f in found(text, name)] == marked(text)
