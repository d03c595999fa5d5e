"""L2_POOL_2D: windows inside and over the edge, strides, activations."""
from cases._pools import pool_cases


def cases(r):
    yield from pool_cases(r, 'L2_POOL_2D', ('float32',))
