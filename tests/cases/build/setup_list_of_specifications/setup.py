from setuptools import Extension

SPECS = [{"name": "a", "libs": ["python3.11"]}]
for spec in SPECS:
    Extension(spec["name"], ["a.c"], libraries=spec.get("libs", []))
