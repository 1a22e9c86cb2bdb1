from setuptools import Extension

"""
Extension("a", libraries=["python3.11"])
"""
Extension("a", ["a.c"])
