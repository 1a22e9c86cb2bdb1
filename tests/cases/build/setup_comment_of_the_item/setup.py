from setuptools import Extension

Extension("a", ["a.c"], libraries=[
    "python3.11",  # needed? 
    "m"])
