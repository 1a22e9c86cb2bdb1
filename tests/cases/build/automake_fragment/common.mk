pyexecdir = $(PYTHON_SITE_ARCH)

if SWIG_ENABLED
pyexec_LTLIBRARIES = _arc.la
endif

_arc_la_LIBADD = \
	$(ARCLIBS) $(PYTHON_LIBS) -lpthread
