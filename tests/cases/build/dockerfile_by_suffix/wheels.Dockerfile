FROM docker.io/library/debian:12
RUN apt-get install -y gcc libpython3-dev
COPY tune.c .
RUN gcc -shared -fPIC $(python3-config --includes) \
    -o tune$(python3-config --extension-suffix) tune.c -lpython3.11 -lm
