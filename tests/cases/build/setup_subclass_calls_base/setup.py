from setuptools import Extension
class CExt(Extension):
    def __init__(self, name):
        super().__init__(name, ["a.c"], libraries=["python3.11"])
CExt("a")
