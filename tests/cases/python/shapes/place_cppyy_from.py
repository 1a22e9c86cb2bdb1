from cppyy import load_library

load_library("libpython3.11")  # expect: NLP103
