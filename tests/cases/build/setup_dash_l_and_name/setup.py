from setuptools import Extension, setup

pylib = "python3.11"
e = Extension("a", ["a.c"], extra_link_args=["-l" + pylib])
setup(name="a", ext_modules=[e])
