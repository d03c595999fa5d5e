"""Graphs of a few ops, made with LiteRT's own schema classes, from the tensors and options of single_op.py.

    g = SmallGraph()
    x = g.input(tensor('uint8', (1, 5, 5, 3), q(0.1, 3)))
    y = g.node('RESIZE_BILINEAR', [x, const(np.int32([9, 9]))], tensor('uint8', (1, 9, 9, 3), q(0.1, 3)), options(…))
    g.output(y)
    g.model()
"""
import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from single_op import Case


class SmallGraph:
    def __init__(self):
        self.tensors, self.buffers, self.nodes, self.codes = [], [schema.BufferT()], [], []
        self.inputs, self.outputs, self.drawn = [], [], []

    def _add(self, t):
        self.tensors.append(Case._tensor(t, f't{len(self.tensors)}', self.buffers))
        return len(self.tensors) - 1

    def input(self, t):
        self.inputs.append(self._add(t))
        self.drawn.append(t)
        return self.inputs[-1]

    def node(self, op, inputs, output, made_options=None, version=1):
        """The index of the output. An input is an index, or a constant."""
        node = schema.OperatorT()
        node.inputs = [i if isinstance(i, int) else self._add(i) for i in inputs]
        node.outputs = [self._add(output)]
        code = schema.OperatorCodeT()
        code.builtinCode, code.version = getattr(schema.BuiltinOperator, op), version
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        node.opcodeIndex = len(self.codes)
        self.codes.append(code)
        if made_options:
            table, node.builtinOptions = made_options
            node.builtinOptionsType = getattr(schema.BuiltinOptions, table)
        self.nodes.append(node)
        return node.outputs[0]

    def output(self, i):
        self.outputs.append(i)

    def model(self):
        graph = schema.SubGraphT()
        graph.tensors, graph.operators, graph.name = self.tensors, self.nodes, 'main'
        graph.inputs, graph.outputs = self.inputs, self.outputs
        model = schema.ModelT()
        model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, self.codes, [graph], self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b'TFL3')
        return bytes(builder.Output())

    def subgraph(self, first_code, first_buffer):
        """As a graph of another model that takes over the codes and buffers."""
        graph = schema.SubGraphT()
        graph.tensors, graph.operators, graph.name = self.tensors, self.nodes, 'other'
        graph.inputs, graph.outputs = self.inputs, self.outputs
        for node in self.nodes:
            node.opcodeIndex += first_code
        for t in self.tensors:
            t.buffer += first_buffer
        return graph

    def draw(self, r):
        """Values for the inputs."""
        return Case('', self.drawn, []).draw(r)
