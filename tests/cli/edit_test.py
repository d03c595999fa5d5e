"""The verbs edit, dump and build as a user meets them, their models under LiteRT."""
import zipfile

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


@pytest.fixture
def detector(shared):
    return shared / 'models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite'


@pytest.fixture
def boxes(monolite, detector, tmp_path):
    made = monolite('edit', detector, '-o', tmp_path / 'boxes.tflite', '--detach-detection-postprocess')
    assert made.returncode == 0, made.stderr
    return tmp_path / 'boxes.tflite'


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
    model, graph = read(out)
    assert not [o for o in graph.operators if model.operatorCodes[o.opcodeIndex].customCode], 'the op is gone, not just unread'


def test_post_processing_put_back_is_the_same_detector(monolite, detector, boxes, tmp_path):
    made = monolite('edit', boxes, '-o', tmp_path / 'back.tflite', '--attach-detection-postprocess', '--anchors', detector)
    assert made.returncode == 0, made.stderr
    picture = np.random.default_rng(2).integers(0, 256, (1, 300, 300, 3), dtype=np.uint8)
    for back, original in zip(run(tmp_path / 'back.tflite', picture), run(detector, picture)):
        assert np.array_equal(back, original)


def test_anchors_made_for_ssd_mobilenet_are_those_of_a_trained_file(monolite, detector, boxes, tmp_path):
    made = monolite('edit', boxes, '-o', tmp_path / 'made.tflite', '--attach-detection-postprocess')
    assert made.returncode == 0, made.stderr
    # Stated anchors: the file's, quantized to 8 bits.
    model, graph = read(detector)
    node = [o for o in graph.operators if model.operatorCodes[o.opcodeIndex].customCode][0]
    stated = graph.tensors[node.inputs[2]]
    data = np.frombuffer(bytes(model.buffers[stated.buffer].data), np.uint8).astype(np.float32)
    scale = stated.quantization.scale[0]
    wanted = ((data - stated.quantization.zeroPoint[0]) * scale).reshape(-1, 4)
    model, graph = read(tmp_path / 'made.tflite')
    node = [o for o in graph.operators if model.operatorCodes[o.opcodeIndex].customCode][0]
    got = np.frombuffer(bytes(model.buffers[graph.tensors[node.inputs[2]].buffer].data), np.float32).reshape(-1, 4)
    assert got.shape == wanted.shape and np.abs(got - wanted).max() <= 0.501 * scale
    # Ten boxes, floats all the way behind the net: scores are the detector's own, all of them quantized numbers.
    picture = np.random.default_rng(2).integers(0, 256, (1, 300, 300, 3), dtype=np.uint8)
    locations, classes, scores, count = run(tmp_path / 'made.tflite', picture)
    assert locations.shape == (1, 10, 4) and classes.shape == scores.shape == (1, 10) and count == 10
    assert scores[0, 0] == run(detector, picture)[2][0, 0]


def test_anchors_of_another_net_do_not_fit(monolite, boxes, tmp_path):
    np.save(tmp_path / 'anchors.npy', np.zeros((7, 4), np.float32))
    made = monolite('edit', boxes, '-o', tmp_path / 'x.tflite', '--attach-detection-postprocess', '--anchors', tmp_path / 'anchors.npy')
    assert made.returncode != 0 and '7 anchors' in made.stderr and '1917' in made.stderr
    assert not (tmp_path / 'x.tflite').exists()


def test_labels_and_normalization_travel_in_the_model(monolite, deeplab, shared, tmp_path):
    out = tmp_path / 'named.tflite'
    names = ['nothing'] + [f'thing {i}' for i in range(1, 21)]
    (tmp_path / 'names.txt').write_text('\n'.join(names) + '\n')
    made = monolite('edit', deeplab, '-o', out, '--metadata', f'mean=127.5,std=127.5,labels={tmp_path}/names.txt')
    assert made.returncode == 0, made.stderr
    assert zipfile.ZipFile(out).read('labels.txt').decode().split('\n')[:21] == names
    assert np.array_equal(run(out, PICTURE)[0], run(deeplab, PICTURE)[0])
    assert 'input (x - 127.5) / 127.5, labels in labels.txt' in monolite('inspect', out).stdout
    seen = monolite('run', out, shared / 'images/cat.jpg')
    assert 'thing 8' in seen.stdout, seen.stdout
    # Once more: the file is replaced, and everything else of the archive and the metadata stays.
    (tmp_path / 'names.txt').write_text('\n'.join(n.upper() for n in names))
    again = monolite('edit', out, '-o', tmp_path / 'again.tflite', '--metadata', f'labels={tmp_path}/names.txt')
    assert again.returncode == 0, again.stderr
    assert zipfile.ZipFile(tmp_path / 'again.tflite').namelist() == ['labels.txt']
    assert 'THING 8' in monolite('run', tmp_path / 'again.tflite', shared / 'images/cat.jpg').stdout
    assert monolite('edit', out, '-o', tmp_path / 'y.tflite', '--metadata', 'mean=1').returncode == 2


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
