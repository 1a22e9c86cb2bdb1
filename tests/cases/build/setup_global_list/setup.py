from setuptools import Extension, setup

LIBS = []
def configure():
    LIBS.append("python3.11")
configure()
e = Extension("a", ["a.c"], libraries=LIBS)
setup(name="a", ext_modules=[e])
