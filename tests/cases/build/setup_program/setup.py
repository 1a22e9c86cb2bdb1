from distutils.ccompiler import new_compiler
cc = new_compiler()
cc.link_executable(["a.o"], "a", libraries=["python3.11"])
