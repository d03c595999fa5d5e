"""SIN: float, all shapes."""
from cases import _elementwise as e
from single_op import op, tensor


def cases(r):
    for shape in e.SHAPES:
        for values in ((-3, 3), (-1000, 1000)):
            for _ in range(3):
                yield op('SIN', [tensor('float32', shape, values=values)], [tensor('float32', shape)])
