import os
import sysconfig

from setuptools import Extension, setup

libdir = sysconfig.get_config_var("LIBDIR")
e = Extension("a", ["a.c"], extra_link_args=[os.path.join(libdir, sysconfig.get_config_var("LDLIBRARY")), "-lm"])
setup(name="a", ext_modules=[e])
