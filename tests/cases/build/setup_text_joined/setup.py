from setuptools import Extension, setup

flags = " ".join(["-lm", "-lpython3.11"]).split()
e = Extension("a", ["a.c"], extra_link_args=flags)
setup(name="a", ext_modules=[e])
