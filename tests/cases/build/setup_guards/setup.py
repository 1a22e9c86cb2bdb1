import os
import sys
import sysconfig
import platform

from setuptools import Extension, setup

libs = []
if hasattr(sys, "getandroidapilevel"):
    libs.append("python3.11")
if sys.platform == "cygwin":
    libs.append("python3.11")
if "win32" in sys.platform:
    libs += ["python3.11"]
if os.name == "nt":
    libs += ["python3.11"]
if platform.system() == "Windows":
    libs += ["python3.11"]
if sys.platform in ("win32", "cygwin", "msys"):
    libs += ["python3.11"]
if sysconfig.get_platform().startswith("mingw"):
    libs += ["python3.11"]
e = Extension("a", ["a.c"], libraries=libs)
setup(name="a", ext_modules=[e])
