import sys

from setuptools import Extension

if sys.platform == "win32":
    LIBS = ["python311"]
elif sys.platform == "darwin":
    LIBS = []
else:
    LIBS = ["python3.11", "util"]
Extension("a", ["a.c"], libraries=LIBS)
