import os

from setuptools import Extension, setup

flags = os.popen("python3-config --ldflags --embed").read().split()
e = Extension("a", ["a.c"], extra_link_args=flags)
setup(name="a", ext_modules=[e])
