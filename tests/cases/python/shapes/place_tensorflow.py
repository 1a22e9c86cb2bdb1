import tensorflow as tf

tf.load_library("libpython3.11.so")  # expect: NLP103
