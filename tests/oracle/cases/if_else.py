"""IF: both ways, over types and shapes; branches that give other shapes."""
from single_op import op, options, tensor
from small_graph import SmallGraph
import numpy as np


def cases(r):
    for dtype in ('float32', 'int32', 'int8'):
        for shape in ((1,), (2, 3), (1, 4, 5, 2)):
            for yes in (True, False):
                for same in (True, False):
                    yield one(dtype, shape, yes, same)


def one(dtype, shape, yes, same):
    then, otherwise = SmallGraph(), SmallGraph()
    x = then.input(tensor(dtype, shape))
    then.output(x)
    x = otherwise.input(tensor(dtype, shape))
    wide = (2 * shape[0],) + shape[1:]
    otherwise.output(x if same else otherwise.node('CONCATENATION', [x, x], tensor(dtype, wide), options('ConcatenationOptions', axis=0)))
    condition = tensor('bool', (1,), values=np.array([yes]))
    return op('IF', [condition, tensor(dtype, shape)], [tensor(dtype, shape)],
              options('IfOptions', thenSubgraphIndex=1, elseSubgraphIndex=2), graphs=[then, otherwise])
