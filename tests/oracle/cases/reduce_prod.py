"""REDUCE_PROD: types, ranks, axes, integers that overflow; int8 and int16 with scales and without, empty inputs."""
from cases import mean
from cases._reduce import empty, plain
from cases._shapes import QUANTIZED
from single_op import q


def scales(r, dtype):
    zero = 0 if dtype == 'int16' else 5
    return q(float(r.choice([0.02, 0.25, 1.0])), zero), q(float(r.choice([0.25, 0.02, 1.0])), -zero)


def cases(r):
    yield from plain(r, 'REDUCE_PROD', ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64'))
    yield from plain(r, 'REDUCE_PROD', ('int8', 'int16'), quantization=scales)
    yield from plain(r, 'REDUCE_PROD', ('uint8',), quantization=mean.scales, rounds=1)
    yield from plain(r, 'REDUCE_PROD', ('int8',), quantization=lambda r, dtype: (QUANTIZED[dtype],) * 2, values=(-9, 9))
    yield from empty(r, 'REDUCE_PROD', ('float32', 'int32', 'int64', 'int8'))
