"""Automake: what a ``configure.ac`` finds out, and the modules that are linked with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import reported

#: A module, and what is marked of it.
MODULE = "pyexec_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module\nx_la_LIBADD = $(PYTHON_LIBS)\n"
LIBS = "$(PYTHON_LIBS)"
#: ``configure.ac``, other files, the ``Makefile.am``, and what is marked there.
REPORTED: dict[str, tuple[str, dict[str, str], str, list[str]]] = {
    "AC_SUBST with a value": ("AC_SUBST([PYTHON_LIBS], [-lpython3.11])\n", {}, MODULE, [LIBS]),
    "AC_SUBST with a quoted value": (
        'AC_SUBST(PYTHON_LIBS, ["-L/usr/lib -lpython3.11"])\n',
        {},
        MODULE,
        [LIBS],
    ),
    "dollar parentheses": ("PYTHON_LIBS=$($PYTHON_CONFIG --embed --libs)\n", {}, MODULE, [LIBS]),
    "quoted command": ('PYTHON_LIBS="$(python3-config --ldflags --embed)"\n', {}, MODULE, [LIBS]),
    "quoted backticks": ('PYTHON_LIBS="`python3-config --embed --libs`"\n', {}, MODULE, [LIBS]),
    "version variable": (
        'PYTHON_LIBS="-L$PYTHON_PREFIX/lib -lpython$PYTHON_VERSION"\nAC_SUBST(PYTHON_LIBS)\n',
        {},
        MODULE,
        [LIBS],
    ),
    "version variable in braces": (
        'AS_IF([test x$py = xyes],[PYTHON_LIBS="-lpython${PYTHON_VERSION}m"])\n',
        {},
        MODULE,
        [LIBS],
    ),
    "AC_CHECK_LIB": (
        "AC_CHECK_LIB([python3.11],[Py_Initialize],[PYTHON_LIBS=-lpython3.11])\n",
        {},
        MODULE,
        [LIBS],
    ),
    "sysconfig prints the name": (
        "PYTHON_LIBS=`$PYTHON -c \"import sysconfig; print('-lpython' + sysconfig.get_config_var('LDVERSION'))\"`\n",
        {},
        MODULE,
        [LIBS],
    ),
    "sysconfig in a config with dollar": (
        "PYTHON_LIBS=$($PYTHON -c \"from sysconfig import *; print(get_config_var('BLDLIBRARY'))\")\n",
        {},
        MODULE,
        [LIBS],
    ),
    "a second variable in the makefile": (
        "AX_PYTHON_DEVEL\n",
        {},
        "PY_LIBS = -lm $(PYTHON_LIBS)\npyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PY_LIBS)\n",
        [LIBS],
    ),
    "append": (
        "AX_PYTHON_DEVEL\n",
        {},
        "pyexec_LTLIBRARIES =\npyexec_LTLIBRARIES += x.la\nx_la_LIBADD = -lm\nif P\nx_la_LIBADD += $(PYTHON_LIBS)\nendif\n",
        [LIBS],
    ),
    "nobase": (
        "AX_PYTHON_DEVEL\n",
        {},
        "nobase_pyexec_LTLIBRARIES = sub/_x.la\nsub__x_la_LIBADD = $(PYTHON_LIBS)\n",
        [LIBS],
    ),
    "LINK of one's own": (
        "AX_PYTHON_DEVEL\n",
        {},
        "pyexec_LTLIBRARIES = x.la\nx_la_LINK = $(LIBTOOL) --mode=link $(CC) -module $(PYTHON_LIBS) -o $@\n",
        [LIBS],
    ),
    **{
        f"folder {f}": (
            "AX_PYTHON_DEVEL\n",
            {},
            f"moddir = {f}\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
            [LIBS],
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
    "folder by site": (
        "AX_PYTHON_DEVEL\nPYMODS=`$PYTHON -c 'import site; print(site.getsitepackages()[[0]])'`\n",
        {},
        "moddir = $(PYMODS)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        [LIBS],
    ),
    "folder by sysconfig purelib": (
        "AX_PYTHON_DEVEL\nAC_SUBST([PYMODS], [`$PYTHON -c 'import sysconfig; print(sysconfig.get_path(\"purelib\"))'`])\n",
        {},
        "moddir = $(PYMODS)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        [LIBS],
    ),
    "folder by --with option": (
        "AX_PYTHON_DEVEL\nAC_ARG_WITH(python-install-dir,[h],[PYMODS=$withval],[PYMODS='$(pyexecdir)'])\n",
        {},
        "moddir = $(PYMODS)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        [LIBS],
    ),
    "folder via braces of other variable": (
        "AX_PYTHON_DEVEL\n",
        {},
        "bandpydir = $(pyexecdir)/band\nmoddir = ${bandpydir}/sub\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        [LIBS],
    ),
    "regex with two dollars": (
        "AX_PYTHON_DEVEL\n",
        {},
        "mod_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module -export-symbols-regex '^PyInit_x$$' $(PYTHON_LIBS)\n",
        [LIBS],
    ),
    "convenience library": (
        "AX_PYTHON_DEVEL\n",
        {},
        "noinst_LTLIBRARIES = libutil.la\nlibutil_la_LIBADD = $(PYTHON_LIBS)\npyexec_LTLIBRARIES = x.la\nx_la_LIBADD = libutil.la\n",
        [LIBS],
    ),
    "m4 in autoconf-archive folder": (
        "AC_CONFIG_MACRO_DIR([autoconf])\nBAND_PYTHON\n",
        {
            "autoconf/band.m4": 'AC_DEFUN([BAND_PYTHON],[\n  PYTHON_LIBS="-lpython$am_cv_python_version"\n  AC_SUBST([PYTHON_LIBS])\n])\n'
        },
        MODULE,
        [LIBS],
    ),
    "macro included with m4_include": (
        "m4_include([build/py.m4])\nBAND_PYTHON\n",
        {
            "build/py.m4": 'AC_DEFUN([BAND_PYTHON],[PYTHON_LIBS="-lpython3.11"\nAC_SUBST(PYTHON_LIBS)])\n'
        },
        MODULE,
        [LIBS],
    ),
    "ACLOCAL_AMFLAGS": (
        "BAND_PYTHON\n",
        {
            "Makefile.am": "ACLOCAL_AMFLAGS = -I acx\n",
            "acx/py.m4": 'AC_DEFUN([BAND_PYTHON],[PYTHON_LIBS="-lpython3.11"\nAC_SUBST(PYTHON_LIBS)])\n',
        },
        MODULE,
        [LIBS],
    ),
    "python3-embed by a list": (
        "PKG_CHECK_MODULES([PY], [glib-2.0 python3-embed])\n",
        {},
        "pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PY_LIBS)\n",
        ["$(PY_LIBS)"],
    ),
    "PKG_CHECK_EXISTS then check": (
        "PKG_CHECK_EXISTS([python3-embed],[PKG_CHECK_MODULES([PYTHON],[python3-embed])],[PKG_CHECK_MODULES([PYTHON],[python3])])\n",
        {},
        MODULE,
        [LIBS],
    ),
    "pkg-config in backticks": (
        "PYTHON_LIBS=`pkg-config --libs python3-embed`\n",
        {},
        MODULE,
        [LIBS],
    ),
    "PKG_CONFIG variable": (
        'PYTHON_LIBS="$($PKG_CONFIG --libs python-$PYTHON_VERSION-embed)"\n',
        {},
        MODULE,
        [LIBS],
    ),
    "an old gnome macro": (
        "AM_CHECK_PYTHON_LIBS\n",
        {
            "acinclude.m4": 'AC_DEFUN([AM_CHECK_PYTHON_LIBS],[AC_REQUIRE([AM_PATH_PYTHON])\nPYTHON_EMBED_LIBS=`$PYTHON-config --ldflags --embed`\nPYTHON_LIBS="-L${py_exec_prefix}/lib -lpython${PYTHON_VERSION}"\nAC_SUBST(PYTHON_LIBS)])\n'
        },
        MODULE,
        [LIBS],
    ),
}

SILENT: dict[str, tuple[str, dict[str, str], str]] = {
    "extra libs": (
        "AX_PYTHON_DEVEL\n",
        {},
        "pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_EXTRA_LIBS) $(PYTHON_EXTRA_LDFLAGS)\n",
    ),
    "config without embed": ('PYTHON_LIBS="$($PYTHON_CONFIG --libs)"\n', {}, MODULE),
    "a plug-in": (
        "AX_PYTHON_DEVEL\n",
        {},
        "plugindir = $(pkglibdir)/plugins\nplugin_LTLIBRARIES = python.la\npython_la_LIBADD = $(PYTHON_LIBS)\n",
    ),
    "a plug-in's folder in a folder called python": (
        "AX_PYTHON_DEVEL\n",
        {},
        "plugindir = $(pkglibdir)/python\nplugin_LTLIBRARIES = python.la\npython_la_LIBADD = $(PYTHON_LIBS)\n",
    ),
    "AC_SUBST of headers": ("AC_SUBST([PYTHON_LIBS], [-lm])\n", {}, MODULE),
    "AC_SUBST without a value": ("AC_SUBST([PYTHON_LIBS])\n", {}, MODULE),
    "AC_CHECK_LIB for a host": (
        "AC_CHECK_LIB([python3.11],[Py_Initialize],[HOST_LIBS=-lpython3.11])\n",
        {},
        MODULE,
    ),
    "convenience library of a program": (
        "AX_PYTHON_DEVEL\n",
        {},
        "noinst_LTLIBRARIES = libutil.la\nlibutil_la_LIBADD = $(PYTHON_LIBS)\nbin_PROGRAMS = x\nx_LDADD = libutil.la\npyexec_LTLIBRARIES = y.la\ny_la_LIBADD = -lm\n",
    ),
    "an installed library": (
        "AX_PYTHON_DEVEL\n",
        {},
        "lib_LTLIBRARIES = libutil.la\nlibutil_la_LIBADD = $(PYTHON_LIBS)\npyexec_LTLIBRARIES = y.la\ny_la_LIBADD = libutil.la\n",
    ),
    "m4_include that nobody calls": (
        "m4_include([build/py.m4])\n",
        {
            "build/py.m4": 'AC_DEFUN([BAND_PYTHON],[PYTHON_LIBS="-lpython3.11"\nAC_SUBST(PYTHON_LIBS)])\n'
        },
        MODULE,
    ),
    "python2 flag": ('PYTHON_LIBS="-lpython2.7"\n', {}, MODULE),
    "folder of examples": (
        "AX_PYTHON_DEVEL\n",
        {},
        "moddir = $(docdir)/python-examples\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
    ),
    "python sysconfig prints its version": (
        "PYTHON_LIBS=`$PYTHON -c 'import sysconfig; print(sysconfig.get_config_var(\"VERSION\"))'`\n",
        {},
        MODULE,
    ),
    "host's scripts folder": (
        "AX_PYTHON_DEVEL\n",
        {},
        "moddir = $(PYTHON_PLUGIN_DIR)\nmod_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
    ),
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_links_of_a_project_with_automake(tmp_path: Path, name: str) -> None:
    configure, files, makefile, marked = REPORTED.get(name) or (*SILENT[name], [])
    for path, text in {"configure.ac": configure, **files, "src/Makefile.am": makefile}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = reported(makefile, str(tmp_path / "src" / "Makefile.am"))
    assert [text for _, text in found] == marked
    assert bool(marked) == (name in REPORTED)
