import sys
from setuptools import Extension
match sys.platform:
    case "win32":
        LIBS = ["python3.11"]
    case _:
        LIBS = ["python3.11"]
Extension("a", ["a.c"], libraries=LIBS)
