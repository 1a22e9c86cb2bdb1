from setuptools import Extension, setup

libs = ["m", "python3.11"]
e = Extension("a", ["a.c"], extra_link_args=["-l" + lib for lib in libs])
setup(name="a", ext_modules=[e])
