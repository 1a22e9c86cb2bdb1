from setuptools import Extension, setup

e = Extension("a", ["a.c"], extra_link_args=["-lpython2.7"], libraries=["python2.7"])
setup(name="a", ext_modules=[e])
