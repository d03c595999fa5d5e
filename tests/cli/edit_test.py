"""The verbs edit, dump and build as a user meets them, their models under LiteRT."""
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType


@pytest.fixture
def deeplab(shared):
    return shared / 'models/deeplab_nnapi/deeplabv3_mnv2_pascal_257_os16_quant.tflite'


def run(file, *values):
    it = Interpreter(model_path=str(file), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    it.allocate_tensors()
    for detail, value in zip(it.get_input_details(), values):
        it.set_tensor(detail['index'], value.astype(detail['dtype']))
    it.invoke()
    return [it.get_tensor(o['index']) for o in it.get_output_details()]


def read(file):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(open(file, 'rb').read(), 0))
    return model, model.subgraphs[0]


def name_before(file, code):
    """The name of what the last node of an op reads."""
    model, graph = read(file)
    codes = [max(c.builtinCode, c.deprecatedBuiltinCode) for c in model.operatorCodes]
    node = [o for o in graph.operators if codes[o.opcodeIndex] == code][-1]
    return graph.tensors[node.inputs[0]].name.decode()


PICTURE = np.random.default_rng(1).integers(0, 256, (1, 257, 257, 3), dtype=np.uint8)


def test_scores_instead_of_labels_as_floats(monolite, deeplab, tmp_path):
    out = tmp_path / 'scores.tflite'
    scores = name_before(deeplab, schema.BuiltinOperator.ARG_MAX)
    made = monolite('edit', deeplab, '-o', out, '--outputs', scores, '--io=float32')
    assert made.returncode == 0, made.stderr
    _, graph = read(out)
    assert [graph.tensors[i].type for i in (graph.inputs[0], graph.outputs[0])] == [schema.TensorType.FLOAT32] * 2
    q = graph.tensors[graph.operators[0].outputs[0]].quantization
    floats = (PICTURE.astype(np.float32) - q.zeroPoint[0]) * q.scale[0]
    assert np.array_equal(run(out, floats)[0].argmax(3), run(deeplab, PICTURE)[0])


def test_head_and_tail_are_the_whole(monolite, deeplab, tmp_path):
    head, tail = tmp_path / 'head.tflite', tmp_path / 'tail.tflite'
    at = name_before(deeplab, schema.BuiltinOperator.RESIZE_BILINEAR)
    made = monolite('edit', deeplab, '-o', f'{head},{tail}', '--split', at)
    assert made.returncode == 0, made.stderr
    assert np.array_equal(run(tail, run(head, PICTURE)[0])[0], run(deeplab, PICTURE)[0])


def test_a_detector_without_its_post_processing(monolite, shared, tmp_path):
    out = tmp_path / 'boxes.tflite'
    made = monolite('edit', shared / 'models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite', '-o', out,
                    '--detach-detection-postprocess')
    assert made.returncode == 0, made.stderr
    boxes, scores = run(out, np.zeros((1, 300, 300, 3)))
    assert boxes.shape == (1, 1917, 4) and scores.shape[:2] == (1, 1917)


def test_an_unknown_tensor_is_wrong_usage(monolite, deeplab, tmp_path):
    made = monolite('edit', deeplab, '-o', tmp_path / 'x.tflite', '--outputs', 'ArgMx')
    assert made.returncode == 2 and 'did you mean ArgMax?' in made.stderr
    assert not list(tmp_path.iterdir())


def buffers(file):
    model, graph = read(file)
    bytes_of = [b'' if model.buffers[t.buffer].data is None else bytes(model.buffers[t.buffer].data) for t in graph.tensors]
    scales = [None if t.quantization is None or t.quantization.scale is None else
              (t.quantization.scale.tobytes(), t.quantization.zeroPoint.tobytes()) for t in graph.tensors]
    return bytes_of, scales


@pytest.mark.parametrize('folder', ['coral', 'deeplab_nnapi', 'detection', 'mlperf'])
def test_text_comes_back_byte_for_byte(monolite, shared, tmp_path, folder):
    for model in sorted((shared / 'models' / folder).glob('*.tflite')):
        text, out = tmp_path / 'text.json', tmp_path / 'out.tflite'
        dumped = monolite('dump', model, '-o', text)
        assert dumped.returncode == 0, dumped.stderr
        built = monolite('build', text, '-o', out)
        assert built.returncode == 0, built.stderr
        assert buffers(out) == buffers(model), model


def test_broken_text_cannot_be_used(monolite, tmp_path):
    (tmp_path / 'text.json').write_text('{"monolite_text": 1')
    built = monolite('build', tmp_path / 'text.json', '-o', tmp_path / 'x.tflite')
    assert built.returncode == 3 and 'monolite dump' in built.stderr
