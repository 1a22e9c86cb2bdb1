"""Automake: what a ``configure.ac`` finds out, and the modules that are linked with it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.buildsystems.rewriting import reported

#: A module, and what is marked of it.
MODULE = "pyexec_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module\nx_la_LIBADD = $(PYTHON_LIBS)\n"
LIBS = "$(PYTHON_LIBS)"


class Project(NamedTuple):
    """A project with Automake, by the text of its files; ``marked`` is what is reported of it."""

    configure: str
    makefile: str
    files: dict[str, str]
    marked: list[str]


def project(
    configure: str = "AX_PYTHON_DEVEL\n",
    *,
    makefile: str = MODULE,
    files: dict[str, str] | None = None,
    marked: list[str] | None = None,
) -> Project:
    """Return a project in which a module's LIBADD is reported, unless ``marked`` says otherwise."""
    return Project(configure, makefile, files or {}, [LIBS] if marked is None else marked)


REPORTED = {
    "AC_SUBST with a value": project("AC_SUBST([PYTHON_LIBS], [-lpython3.11])\n"),
    "AC_SUBST with a quoted value": project('AC_SUBST(PYTHON_LIBS, ["-L/usr/lib -lpython3.11"])\n'),
    "dollar parentheses": project("PYTHON_LIBS=$($PYTHON_CONFIG --embed --libs)\n"),
    "quoted command": project('PYTHON_LIBS="$(python3-config --ldflags --embed)"\n'),
    "quoted backticks": project('PYTHON_LIBS="`python3-config --embed --libs`"\n'),
    "version variable": project(
        'PYTHON_LIBS="-L$PYTHON_PREFIX/lib -lpython$PYTHON_VERSION"\nAC_SUBST(PYTHON_LIBS)\n'
    ),
    "version variable in braces": project(
        'AS_IF([test x$py = xyes],[PYTHON_LIBS="-lpython${PYTHON_VERSION}m"])\n'
    ),
    "AC_CHECK_LIB": project(
        "AC_CHECK_LIB([python3.11],[Py_Initialize],[PYTHON_LIBS=-lpython3.11])\n"
    ),
    "sysconfig prints the name": project(
        "PYTHON_LIBS=`$PYTHON -c \"import sysconfig; print('-lpython' + sysconfig.get_config_var('LDVERSION'))\"`\n"
    ),
    "sysconfig in a config with dollar": project(
        "PYTHON_LIBS=$($PYTHON -c \"from sysconfig import *; print(get_config_var('BLDLIBRARY'))\")\n"
    ),
    "a second variable in the makefile": project(
        makefile="PY_LIBS = -lm $(PYTHON_LIBS)\npyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PY_LIBS)\n"
    ),
    "append": project(
        makefile="pyexec_LTLIBRARIES =\npyexec_LTLIBRARIES += x.la\nx_la_LIBADD = -lm\nif P\nx_la_LIBADD += $(PYTHON_LIBS)\nendif\n"
    ),
    "nobase": project(
        makefile="nobase_pyexec_LTLIBRARIES = sub/_x.la\nsub__x_la_LIBADD = $(PYTHON_LIBS)\n"
    ),
    "LINK of one's own": project(
        makefile="pyexec_LTLIBRARIES = x.la\nx_la_LINK = $(LIBTOOL) --mode=link $(CC) -module $(PYTHON_LIBS) -o $@\n"
    ),
    **{
        f"folder {f}": project(
            makefile=f"moddir = {f}\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n"
        )
        for f in (
            "$(libdir)/python$(PYTHON_VERSION)/site-packages",
            "${pyexecdir}/x",
            "@pythondir@",
            "$(PYTHON_SITELIB)",
            "$(PYTHON_SITEARCH)/x",
            "$(PYTHON_SITEDIR)",
            "$(PYTHONDIR)/x",
            "$(PYTHON3_SITEDIR)",
            "$(PYTHON_PLATLIB)",
            "$(python_sitearch)",
            "$(py3sitedir)",
            "$(PY_SITE_DIR)",
            "$(PYTHON_INSTALL_DIR)",
        )
    },
    "folder by site": project(
        "AX_PYTHON_DEVEL\nPYMODS=`$PYTHON -c 'import site; print(site.getsitepackages()[[0]])'`\n",
        makefile="moddir = $(PYMODS)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
    ),
    "folder by sysconfig purelib": project(
        "AX_PYTHON_DEVEL\nAC_SUBST([PYMODS], [`$PYTHON -c 'import sysconfig; print(sysconfig.get_path(\"purelib\"))'`])\n",
        makefile="moddir = $(PYMODS)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
    ),
    "folder by --with option": project(
        "AX_PYTHON_DEVEL\nAC_ARG_WITH(python-install-dir,[h],[PYMODS=$withval],[PYMODS='$(pyexecdir)'])\n",
        makefile="moddir = $(PYMODS)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
    ),
    "folder via braces of other variable": project(
        makefile="bandpydir = $(pyexecdir)/band\nmoddir = ${bandpydir}/sub\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n"
    ),
    "regex with two dollars": project(
        makefile="mod_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module -export-symbols-regex '^PyInit_x$$' $(PYTHON_LIBS)\n"
    ),
    "convenience library": project(
        makefile="noinst_LTLIBRARIES = libutil.la\nlibutil_la_LIBADD = $(PYTHON_LIBS)\npyexec_LTLIBRARIES = x.la\nx_la_LIBADD = libutil.la\n"
    ),
    "m4 in autoconf-archive folder": project(
        "AC_CONFIG_MACRO_DIR([autoconf])\nBAND_PYTHON\n",
        files={
            "autoconf/band.m4": 'AC_DEFUN([BAND_PYTHON],[\n  PYTHON_LIBS="-lpython$am_cv_python_version"\n  AC_SUBST([PYTHON_LIBS])\n])\n'
        },
    ),
    "macro included with m4_include": project(
        "m4_include([build/py.m4])\nBAND_PYTHON\n",
        files={
            "build/py.m4": 'AC_DEFUN([BAND_PYTHON],[PYTHON_LIBS="-lpython3.11"\nAC_SUBST(PYTHON_LIBS)])\n'
        },
    ),
    "ACLOCAL_AMFLAGS": project(
        "BAND_PYTHON\n",
        files={
            "Makefile.am": "ACLOCAL_AMFLAGS = -I acx\n",
            "acx/py.m4": 'AC_DEFUN([BAND_PYTHON],[PYTHON_LIBS="-lpython3.11"\nAC_SUBST(PYTHON_LIBS)])\n',
        },
    ),
    "python3-embed by a list": project(
        "PKG_CHECK_MODULES([PY], [glib-2.0 python3-embed])\n",
        makefile="pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PY_LIBS)\n",
        marked=["$(PY_LIBS)"],
    ),
    "PKG_CHECK_EXISTS then check": project(
        "PKG_CHECK_EXISTS([python3-embed],[PKG_CHECK_MODULES([PYTHON],[python3-embed])],[PKG_CHECK_MODULES([PYTHON],[python3])])\n"
    ),
    "pkg-config in backticks": project("PYTHON_LIBS=`pkg-config --libs python3-embed`\n"),
    "PKG_CONFIG variable": project(
        'PYTHON_LIBS="$($PKG_CONFIG --libs python-$PYTHON_VERSION-embed)"\n'
    ),
    "an old gnome macro": project(
        "AM_CHECK_PYTHON_LIBS\n",
        files={
            "acinclude.m4": 'AC_DEFUN([AM_CHECK_PYTHON_LIBS],[AC_REQUIRE([AM_PATH_PYTHON])\nPYTHON_EMBED_LIBS=`$PYTHON-config --ldflags --embed`\nPYTHON_LIBS="-L${py_exec_prefix}/lib -lpython${PYTHON_VERSION}"\nAC_SUBST(PYTHON_LIBS)])\n'
        },
    ),
}

SILENT = {
    "extra libs": project(
        makefile="pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_EXTRA_LIBS) $(PYTHON_EXTRA_LDFLAGS)\n"
    ),
    "config without embed": project('PYTHON_LIBS="$($PYTHON_CONFIG --libs)"\n'),
    "a plug-in": project(
        makefile="plugindir = $(pkglibdir)/plugins\nplugin_LTLIBRARIES = python.la\npython_la_LIBADD = $(PYTHON_LIBS)\n"
    ),
    "a plug-in's folder in a folder called python": project(
        makefile="plugindir = $(pkglibdir)/python\nplugin_LTLIBRARIES = python.la\npython_la_LIBADD = $(PYTHON_LIBS)\n"
    ),
    "AC_SUBST of headers": project("AC_SUBST([PYTHON_LIBS], [-lm])\n"),
    "AC_SUBST without a value": project("AC_SUBST([PYTHON_LIBS])\n"),
    "AC_CHECK_LIB for a host": project(
        "AC_CHECK_LIB([python3.11],[Py_Initialize],[HOST_LIBS=-lpython3.11])\n"
    ),
    "convenience library of a program": project(
        makefile="noinst_LTLIBRARIES = libutil.la\nlibutil_la_LIBADD = $(PYTHON_LIBS)\nbin_PROGRAMS = x\nx_LDADD = libutil.la\npyexec_LTLIBRARIES = y.la\ny_la_LIBADD = -lm\n"
    ),
    "an installed library": project(
        makefile="lib_LTLIBRARIES = libutil.la\nlibutil_la_LIBADD = $(PYTHON_LIBS)\npyexec_LTLIBRARIES = y.la\ny_la_LIBADD = libutil.la\n"
    ),
    "m4_include that nobody calls": project(
        "m4_include([build/py.m4])\n",
        files={
            "build/py.m4": 'AC_DEFUN([BAND_PYTHON],[PYTHON_LIBS="-lpython3.11"\nAC_SUBST(PYTHON_LIBS)])\n'
        },
    ),
    "python2 flag": project('PYTHON_LIBS="-lpython2.7"\n'),
    "folder of examples": project(
        makefile="moddir = $(docdir)/python-examples\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n"
    ),
    "python sysconfig prints its version": project(
        "PYTHON_LIBS=`$PYTHON -c 'import sysconfig; print(sysconfig.get_config_var(\"VERSION\"))'`\n"
    ),
    "host's scripts folder": project(
        makefile="moddir = $(PYTHON_PLUGIN_DIR)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n"
    ),
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_links_of_a_project_with_automake(tmp_path: Path, name: str) -> None:
    configure, makefile, files, marked = REPORTED.get(name) or SILENT[name]
    for path, text in {"configure.ac": configure, **files, "src/Makefile.am": makefile}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = reported(makefile, str(tmp_path / "src" / "Makefile.am"))
    assert [text for _, text in found] == (marked if name in REPORTED else [])
