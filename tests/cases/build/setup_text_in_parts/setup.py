from setuptools import Extension, setup

e = Extension("a", ["a.c"], extra_link_args=("-L/usr/lib "
    "-lpython3.11 "
    "-lz").split())
setup(name="a", ext_modules=[e])
