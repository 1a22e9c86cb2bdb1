import ctypes
from distutils.sysconfig import get_config_vars
values = get_config_vars()
api = ctypes.CDLL("%(LIBPL)s/%(INSTSONAME)s" % values)  # expect: NLP101
api.Py_IsInitialized()
