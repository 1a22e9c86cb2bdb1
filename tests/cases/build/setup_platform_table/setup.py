import sys
from setuptools import Extension
platform_libs = {
    "linux": ["python3.11"],
    "darwin": [],
    "win32": ["python3.11"],
}
Extension("a", ["a.c"], libraries=platform_libs[sys.platform])
