import sysconfig

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=["python" + sysconfig.get_config_var("LDVERSION")])
setup(name="a", ext_modules=[e])
