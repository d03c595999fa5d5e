"""ROUND: float, halves in between."""
from cases import _elementwise as e
from single_op import op, tensor
import numpy as np


def cases(r):
    for shape in e.SHAPES:
        for _ in range(5):
            yield op('ROUND', [tensor('float32', shape, values=np.asarray(r.randint(-20, 20, shape) / 2))], [tensor('float32', shape)])
            yield op('ROUND', [tensor('float32', shape, values=(-100, 100))], [tensor('float32', shape)])
    yield op('ROUND', [tensor('float32', (4,), values=np.array([0.49999997, -0.49999997, 8388607.5, -8388606.5]))], [tensor('float32', (4,))])
