import sysconfig

from setuptools import Extension, setup

e = Extension("a", ["a.c"], extra_link_args=sysconfig.get_config_var("BLDLIBRARY").split())
setup(name="a", ext_modules=[e])
