from setuptools import Extension, setup

try:
    import winreg
    LIBS = ["python3.11"]
except ImportError:
    LIBS = []
e = Extension("a", ["a.c"], libraries=LIBS)
setup(name="a", ext_modules=[e])
