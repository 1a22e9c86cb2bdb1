from setuptools import Extension, setup

kw = {"libraries": ["python3.11"], "extra_link_args": []}
e = Extension("a", ["a.c"], **kw)
setup(name="a", ext_modules=[e])
