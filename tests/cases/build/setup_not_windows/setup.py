import sys
import platform

from setuptools import Extension

IS_WINDOWS = sys.platform.startswith("win")
libs = ["m"]
if not IS_WINDOWS:
    libs += ["python3.11"]
if IS_WINDOWS:
    libs += ["python3.11"]
Extension("a", ["a.c"], libraries=libs)
