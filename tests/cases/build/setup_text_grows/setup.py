from setuptools import Extension

LIBS = "-lm"
LIBS += " -lpython3.11"
Extension("a", ["a.c"], extra_link_args=LIBS.split(" "))
