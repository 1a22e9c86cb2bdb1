import sysconfig

from setuptools import Extension, setup

e = Extension("a", ["a.c"], extra_link_args=[sysconfig.get_config_var("LIBPYTHON") or "-lpython3.11"])
setup(name="a", ext_modules=[e])
