import ctypes, os
from fnmatch import fnmatchcase
for folder, _, names in os.walk("/usr/lib"):
    for name in names:
        if fnmatchcase(name, "libpython3*.so"):
            api = ctypes.CDLL(os.path.join(folder, name))  # expect: NLP101
            api.Py_IsInitialized()
