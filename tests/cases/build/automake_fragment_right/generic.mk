if MAINTAINER_MODE
export ACLOCAL
endif

pyexec_LTLIBRARIES = _x.la
_x_la_LIBADD = $(PYTHON_LIBS)
