"""What the cases of ops that move or reduce have in common."""
from single_op import q, tensor

MOVED = ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64', 'bool')
QUANTIZED = {'uint8': q(0.25, 7), 'int8': q(0.25, -7), 'int16': q(0.25, 0)}


def moved(dtype, shape, values=None):
    """A tensor whose numbers mean the same wherever they are moved to."""
    return tensor(dtype, shape, QUANTIZED.get(dtype), values)


def shape_of(r, rank, low=1, high=6):
    return tuple(int(d) for d in r.randint(low, high, rank))
