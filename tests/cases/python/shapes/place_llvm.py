import llvmlite.binding as llvm

llvm.load_library_permanently("libpython3.11.so")  # expect: NLP103
