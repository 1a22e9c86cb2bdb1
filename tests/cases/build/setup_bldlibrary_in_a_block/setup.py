import sysconfig

from setuptools import Extension, setup

link_args = ["-O1"]
if sysconfig.get_config_var("Py_ENABLE_SHARED"):
    link_args += sysconfig.get_config_var("BLDLIBRARY").split()
e = Extension("a", ["a.c"], extra_link_args=link_args)
setup(name="a", ext_modules=[e])
