from setuptools import Extension

SPECS = [
    {"name": "a", "sources": ["a.c"], "libraries": ["python3.11"]},
    {"name": "b", "sources": ["b.c"]},
]
exts = [Extension(**spec) for spec in SPECS]
