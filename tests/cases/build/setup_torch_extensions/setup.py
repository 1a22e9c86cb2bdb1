from torch.utils.cpp_extension import CppExtension, load
CppExtension("a", ["a.cpp"], libraries=["python3.11"])
load("b", ["b.cpp"], extra_ldflags=["-lpython3.11"])
