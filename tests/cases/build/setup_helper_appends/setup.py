from setuptools import Extension

def add_python(libs):
    libs.append("python3.11")
libs = []
add_python(libs)
Extension("a", ["a.c"], libraries=libs)
