import pkgconfig
from setuptools import Extension, setup
ext = Extension("a", ["a.c"])
pkgconfig.configure_extension(ext, "python3-embed")
setup(name="a", ext_modules=[ext])
