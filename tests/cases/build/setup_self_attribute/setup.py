from setuptools import Extension

class Builder:
    def __init__(self):
        self.libs = ["m"]
        self.libs.append("python3.11")
    def ext(self):
        return Extension("a", ["a.c"], libraries=self.libs)
