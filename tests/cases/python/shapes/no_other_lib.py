import ctypes

ctypes.CDLL("libpythonqt.so.3")
ctypes.CDLL("libboost_python311.so.1.74.0")
ctypes.CDLL("python311.dll")
ctypes.CDLL("libpython3.11.a")
ctypes.CDLL("libpython_bridge.so")
ctypes.CDLL(None)
ctypes.CDLL("")
ctypes.CDLL("libpypy3.9-c.so")
ctypes.CDLL("/opt/libpython3.11/libfoo.so")
