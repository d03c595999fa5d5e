"""MEAN: types, ranks, axes, scales apart from each other (also such that the output saturates), empty inputs."""
from cases._reduce import empty, plain
from single_op import q

DTYPES = ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64')


def scales(r, dtype):
    if dtype not in ('uint8', 'int8', 'int16'):
        return None, None
    low, high = {'uint8': (0, 255), 'int8': (-128, 127), 'int16': (0, 0)}[dtype]

    def one():
        return q(float(r.choice([0.25, 0.02, 1.0, 3.3, 1e-3, 7e4])), int(r.randint(low, high + 1)))
    x = one()
    return x, x if r.rand() < 0.3 else one()


def cases(r):
    yield from plain(r, 'MEAN', DTYPES, quantization=scales)
    yield from empty(r, 'MEAN', DTYPES, quantization=scales)
