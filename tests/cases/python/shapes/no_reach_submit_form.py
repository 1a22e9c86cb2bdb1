import ctypes
def send(form):
    form.submit("libpython3.11.so", ctypes.CDLL)
