import cppyy

cppyy.load_library("libpython3.11.so")  # expect: NLP103
