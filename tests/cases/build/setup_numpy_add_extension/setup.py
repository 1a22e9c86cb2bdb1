from numpy.distutils.misc_util import Configuration
config = Configuration("x")
config.add_extension("_a", sources=["a.c"], libraries=["m", "python3.11"])
