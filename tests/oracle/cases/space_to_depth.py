"""SPACE_TO_DEPTH: types, batches, block sizes; ones that do not divide."""
from cases._shapes import MOVED, moved
from single_op import op, options


def cases(r):
    for dtype in MOVED:
        for block in (1, 2, 3, 4):
            for batch, h, w, c in ((1, 1, 1, 1), (2, 3, 2, 5), (1, 4, 7, 2), (3, 1, 5, 3), (1, 0, 2, 1)):
                shape = (batch, h * block, w * block, c)
                yield op('SPACE_TO_DEPTH', [moved(dtype, shape)], [moved(dtype, (batch, 1, 1, c))],
                         options('SpaceToDepthOptions', blockSize=block))
        for block in (0, -1, 3):
            yield op('SPACE_TO_DEPTH', [moved(dtype, (1, 4, 4, 8))], [moved(dtype, (1, 1, 1, 1))],
                     options('SpaceToDepthOptions', blockSize=block))
