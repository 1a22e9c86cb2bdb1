from setuptools import Extension

class Program:
    def __init__(self):
        self.libraries = ["python3.11"]
        self.extra_link_args = ["-lpython3.11"]
Program()
Extension("a", ["a.c"])
