from setuptools import Extension
class CExt(Extension):
    def __init__(self, name, **kw):
        kw["libraries"] = ["python3.11"]
        super().__init__(name, ["a.c"], **kw)
CExt("a")
