import ctypes, sys
if sys.argv: print(1)  # expect: NLP102
