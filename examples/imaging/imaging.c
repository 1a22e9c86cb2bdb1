#include <Python.h>

static PyObject *
brightness(PyObject *self, PyObject *args)
{
    int red, green, blue;
    if (!PyArg_ParseTuple(args, "iii", &red, &green, &blue)) {
        return NULL;
    }
    return PyFloat_FromDouble(0.2126 * red + 0.7152 * green + 0.0722 * blue);
}

static PyMethodDef methods[] = {
    {"brightness", brightness, METH_VARARGS, "The brightness of a colour."}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "imaging", NULL, -1, methods};

PyMODINIT_FUNC
PyInit_imaging(void)
{
    return PyModule_Create(&module);
}
