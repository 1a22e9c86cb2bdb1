import sysconfig

from setuptools import Extension, setup

v = sysconfig.get_config_var("VERSION")
e = Extension("a", ["a.c"], extra_link_args=[f"-L{sysconfig.get_config_var('LIBDIR')} -lpython{v} -lz"])
setup(name="a", ext_modules=[e])
