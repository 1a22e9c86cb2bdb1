import sysconfig

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=[sysconfig.get_config_var("LDLIBRARY")[3:-3]])
setup(name="a", ext_modules=[e])
