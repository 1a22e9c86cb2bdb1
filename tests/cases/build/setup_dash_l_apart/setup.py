from setuptools import Extension, setup

e = Extension("a", ["a.c"], extra_link_args=["-L/x", "-l", "python3.11", "-lm"])
setup(name="a", ext_modules=[e])
