"""COS: float, all shapes."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for shape in e.SHAPES:
        for values in ((-3, 3), (-1000, 1000)):
            for _ in range(3):
                yield op('COS', [tensor('float32', shape, values=values)], [tensor('float32', shape)], options('CosOptions'))
