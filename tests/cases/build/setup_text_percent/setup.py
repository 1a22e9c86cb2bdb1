import sysconfig

from setuptools import Extension, setup

v = sysconfig.get_config_var("VERSION")
e = Extension("a", ["a.c"], extra_link_args=["-L%s -lpython%s -lz" % ("/x", v)])
setup(name="a", ext_modules=[e])
