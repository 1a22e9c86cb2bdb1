f2py -c -m fib fib.f90 -lpython3.10 -lm
