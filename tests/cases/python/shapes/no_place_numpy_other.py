import numpy as np

lib = np.ctypeslib.load_library("libmine", ".")
