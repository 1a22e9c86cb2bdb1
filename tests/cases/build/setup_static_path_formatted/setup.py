import sysconfig

from setuptools import Extension

Extension("a", ["a.c"], extra_objects=["%s/libpython%s.a" % (sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("VERSION"))])
