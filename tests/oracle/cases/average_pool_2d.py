"""AVERAGE_POOL_2D: types, windows inside and over the edge, strides, activations."""
from cases._pools import pool_cases


def cases(r):
    yield from pool_cases(r, 'AVERAGE_POOL_2D', ('uint8', 'int8', 'int16', 'float32'))
