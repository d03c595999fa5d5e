"""RELU: types, shapes, changes of quantization."""
from cases import _relu


def cases(r):
    yield from _relu.cases(r, 'RELU', ('uint8', 'int8', 'int16'), version=3)
