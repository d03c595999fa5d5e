"""RELU_0_TO_1: types, shapes, changes of quantization."""
from cases import _relu


def cases(r):
    yield from _relu.cases(r, 'RELU_0_TO_1', ('uint8', 'int8'))
