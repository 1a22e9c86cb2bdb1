import sysconfig

from setuptools import Extension, setup

cfg = sysconfig.get_config_vars()
e = Extension("a", ["a.c"], extra_objects=[cfg["LIBPL"] + "/" + cfg["LDLIBRARY"]])
setup(name="a", ext_modules=[e])
