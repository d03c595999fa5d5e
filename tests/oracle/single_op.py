"""Models of one op, made with LiteRT's own schema classes: what the cases of tests/oracle/cases/ are written in.

    op('RESIZE_BILINEAR', [tensor('uint8', (1, 5, 5, 3), q(0.1, 3)), const(np.int32([9, 9]))],
       [tensor('uint8', (1, 9, 9, 3), q(0.1, 3))], options('ResizeBilinearOptions', alignCorners=True))
"""
import dataclasses

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

DTYPES = {
    'float32': 0, 'float16': 1, 'int32': 2, 'uint8': 3, 'int64': 4, 'bool': 6, 'int16': 7, 'int8': 9, 'float64': 10,
    'uint64': 12, 'uint32': 15, 'uint16': 16, 'int4': 17,
}


@dataclasses.dataclass
class Quantization:
    scale: list
    zero_point: list
    dimension: int = 0


def q(scale, zero_point=0, dimension=0):
    """Per tensor where `scale` is a number, per slice of `dimension` where it is a list."""
    scales = list(np.atleast_1d(scale))
    zero_points = list(np.atleast_1d(zero_point))
    return Quantization(scales, zero_points * len(scales) if len(zero_points) == 1 else zero_points, dimension)


@dataclasses.dataclass
class Tensor:
    dtype: str
    shape: tuple
    quantization: Quantization = None
    data: np.ndarray = None   # of a constant
    values: object = None     # of an input: an array, or (low, high) to draw from
    is_variable: bool = False
    sparsity: object = None   # schema.SparsityParametersT; `data` are then the stored elements, `shape` the whole


def tensor(dtype, shape, quantization=None, values=None):
    """An input, or an output. Inputs are drawn from `values` (low, high), else from the type's whole range or N(0, 1)."""
    return Tensor(dtype, tuple(shape), quantization, values=values)


def const(array, quantization=None, dtype=None):
    array = np.asarray(array)
    return Tensor(dtype or array.dtype.name, array.shape, quantization, data=array)


def variable(dtype, shape, quantization=None):
    return Tensor(dtype, tuple(shape), quantization, is_variable=True)


def options(table, **fields):
    """Fields have LiteRT's Python names: paddings, strideW, alignCorners, …"""
    made = getattr(schema, table + 'T')()
    for name, value in fields.items():
        assert hasattr(made, name), f'{table} has no {name}'
        setattr(made, name, value)
    return table, made


@dataclasses.dataclass
class Case:
    op: str
    inputs: list
    outputs: list
    options: tuple = None
    version: int = 1
    custom_options: bytes = None
    note: str = ''
    intermediates: list = dataclasses.field(default_factory=list)
    graphs: list = dataclasses.field(default_factory=list)  # SmallGraphs that the op runs: subgraphs 1, 2, …

    def model(self):
        """The .tflite's bytes."""
        tensors, buffers = [], [schema.BufferT()]
        graph = schema.SubGraphT()
        graph.inputs, graph.outputs = [], []
        node = schema.OperatorT()
        node.opcodeIndex, node.inputs, node.outputs = 0, [], []
        for i, t in enumerate(self.inputs):
            if t is None:
                node.inputs.append(-1)
                continue
            node.inputs.append(len(tensors))
            if t.data is None and not t.is_variable:
                graph.inputs.append(len(tensors))
            tensors.append(self._tensor(t, f'input_{i}', buffers))
        for i, t in enumerate(self.outputs):
            node.outputs.append(len(tensors))
            graph.outputs.append(len(tensors))
            tensors.append(self._tensor(t, f'output_{i}', buffers))
        if self.intermediates:
            node.intermediates = []
            for i, t in enumerate(self.intermediates):
                node.intermediates.append(len(tensors))
                tensors.append(self._tensor(t, f'intermediate_{i}', buffers))
        if any(t is not None and t.is_variable for t in self.inputs):
            node.mutatingVariableInputs = [t is not None and t.is_variable for t in self.inputs]
        code = schema.OperatorCodeT()
        number = getattr(schema.BuiltinOperator, self.op, None)
        if number is None:
            number, code.customCode = schema.BuiltinOperator.CUSTOM, self.op
        code.builtinCode, code.deprecatedBuiltinCode, code.version = number, min(number, 127), self.version
        if self.options:
            table, node.builtinOptions = self.options
            if hasattr(schema.BuiltinOptions, table):
                node.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            else:
                node.builtinOptions, node.builtinOptions2 = None, node.builtinOptions
                node.builtinOptions2Type = getattr(schema.BuiltinOptions2, table)
        if self.custom_options is not None:
            node.customOptions = list(self.custom_options)
        graph.tensors, graph.operators, graph.name = tensors, [node], 'main'
        codes, graphs = [code], [graph]
        for other in self.graphs:
            graphs.append(other.subgraph(len(codes), len(buffers)))
            codes += other.codes
            buffers += other.buffers
        model = schema.ModelT()
        model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, codes, graphs, buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b'TFL3')
        return bytes(builder.Output())

    @staticmethod
    def _tensor(t, name, buffers):
        made = schema.TensorT()
        made.name, made.shape, made.type, made.isVariable = name, list(t.shape), DTYPES[t.dtype], t.is_variable
        if t.data is not None and t.data.size:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(t.data).tobytes(), np.uint8)
            made.buffer = len(buffers)
            buffers.append(buffer)
        else:
            made.buffer = 0
        made.sparsity = t.sparsity
        if t.quantization is not None:
            made.quantization = schema.QuantizationParametersT()
            made.quantization.scale = np.float32(t.quantization.scale)
            made.quantization.zeroPoint = np.int64(t.quantization.zero_point)
            made.quantization.quantizedDimension = t.quantization.dimension
        return made

    def draw(self, r):
        """Values for the inputs that are not constant."""
        return [_draw(t, r) for t in self.inputs if t is not None and t.data is None and not t.is_variable]


def _draw(t, r):
    dtype = np.dtype(t.dtype)
    if isinstance(t.values, np.ndarray):
        return t.values.astype(dtype).reshape(t.shape)
    if t.values is not None:
        low, high = t.values
        if dtype.kind == 'f':
            return r.uniform(low, high, t.shape).astype(dtype)
        return r.randint(low, high + 1, t.shape).astype(dtype)
    if dtype.kind == 'f':
        return r.standard_normal(t.shape).astype(dtype)
    if dtype.kind == 'b':
        return r.randint(0, 2, t.shape).astype(bool)
    if dtype.itemsize <= 2:
        info = np.iinfo(dtype)
        return r.randint(info.min, info.max + 1, t.shape).astype(dtype)
    return r.randint(-1000, 1001, t.shape).astype(dtype)


def op(name, inputs, outputs, made_options=None, **more):
    return Case(name, inputs, outputs, made_options, **more)
