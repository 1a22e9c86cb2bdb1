from setuptools import Extension, setup

e = Extension("a", ["a.c"], extra_objects=["/usr/lib/libpython3.11.a"])
setup(name="a", ext_modules=[e])
