"""What the cases of elementwise ops share: shapes that broadcast, and random quantizations."""
import numpy as np
from single_op import q

SHAPES = [(7,), (2, 3, 4), (1, 5, 5, 3), (), (0, 3), (2, 1, 3, 2, 2)]

BROADCASTS = [
    ((2, 3, 4), (2, 3, 4)), ((1, 5, 5, 3), (3,)), ((3,), (1, 5, 5, 3)), ((2, 1, 4), (1, 3, 1)), ((), (2, 3)), ((2, 3), ()),
    ((), ()), ((1,), (4,)), ((4,), (1, 1, 4)), ((2, 1, 3, 1, 2), (1, 4, 1, 5, 1)), ((2, 3, 1, 2, 1, 2), (1, 3, 4, 1, 2, 2)),
    ((0, 3), (1, 3)), ((3,), (0, 3)), ((2, 0), (2, 1)), ((1, 1, 1, 1), (2, 2, 2, 2)), ((2, 3, 1, 1), (2, 3, 4, 5)),
    ((1, 4, 4, 1), (1, 1, 1, 6)), ((2, 3, 4), (2, 3, 4)),
]

LIMITS = {'uint8': (0, 255), 'int8': (-128, 127), 'int16': (-32768, 32767)}


def output_shape(*shapes):
    return np.broadcast_shapes(*shapes)


def zero_point(r, dtype):
    """Often an end of the range, where clamping shows."""
    if dtype in ('int16', 'int32', 'int64'):
        return 0
    low, high = LIMITS[dtype]
    return int(r.choice([low, high, r.randint(low, high + 1), r.randint(low, high + 1)]))


def quantization(r, dtype, scales):
    return q(float(r.choice(scales)), zero_point(r, dtype)) if dtype in LIMITS else None


def values(r, dtype, big=False):
    """A range to draw inputs from."""
    if dtype == 'float32':
        return (-10, 10) if not big else (-1e4, 1e4)
    if dtype == 'int32':
        return (-2 ** 31, 2 ** 31 - 1) if big else (-100, 100)
    if dtype == 'int64':
        return (-2 ** 62, 2 ** 62) if big else (-100, 100)
    return None
