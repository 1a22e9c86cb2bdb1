import argparse
import ctypes

p = argparse.ArgumentParser()
p.add_argument("--lib", default="libpython3.11.so")
args = p.parse_args()
ctypes.PyDLL(args.lib).Py_IsInitialized()
