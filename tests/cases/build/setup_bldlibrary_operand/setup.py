import sysconfig

from setuptools import Extension, setup

link_args = ["-O1"] + sysconfig.get_config_var("BLDLIBRARY").split()
e = Extension("a", ["a.c"], extra_link_args=link_args)
setup(name="a", ext_modules=[e])
