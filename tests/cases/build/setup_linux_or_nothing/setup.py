import sys
import platform

from setuptools import Extension, setup

e = Extension("a", ["a.c"], extra_link_args=["-lm", "-lpython3.11" if sys.platform.startswith("linux") else ""])
setup(name="a", ext_modules=[e])
