"""FLOOR: float, all shapes."""
from cases import _elementwise as e
from single_op import op, tensor


def cases(r):
    for shape in e.SHAPES:
        for values in ((-3, 3), (-1e6, 1e6), (-0.9, 0.9)):
            for _ in range(3):
                yield op('FLOOR', [tensor('float32', shape, values=values)], [tensor('float32', shape)])
