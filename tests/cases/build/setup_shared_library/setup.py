from setuptools import Extension, Library
Library("a", ["a.c"], libraries=["python3.11"])
