import ctypes, sys
if sys.flags.debug: pass
