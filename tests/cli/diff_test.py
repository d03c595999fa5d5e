"""The verbs diff and bisect as a user meets them."""
import json

import numpy as np
import pytest


@pytest.fixture(scope='module')
def models(monolite, shared, tmp_path_factory):
    """A model, and the same at another output stride."""
    folder = tmp_path_factory.mktemp('diff')
    a = shared / 'models/deeplab_nnapi/deeplabv3_mnv2_pascal_257_os16_quant.tflite'
    assert monolite('reshape', a, '-o', folder / 'os8.tflite', '--output_stride=8').returncode == 0
    return a, folder / 'os8.tflite'


def test_a_model_is_itself(monolite, shared, models):
    run = monolite('diff', models[0], models[0], '--input', shared / 'images/cat.jpg')
    assert run.returncode == 0 and 'identical' in run.stdout


def test_names_what_changed_and_where_labels_differ(monolite, shared, models, tmp_path):
    picture = tmp_path / 'where.png'
    run = monolite('diff', *models, '--input', shared / 'images/cat.jpg', '--picture', picture, '--json')
    document = json.loads(run.stdout)
    assert run.returncode == 1 and picture.exists()
    assert {c['op'] for c in document['changes']} >= {'DEPTHWISE_CONV_2D', 'AVERAGE_POOL_2D', 'RESIZE_BILINEAR'}
    assert 'stride_h 2 -> 1' in document['changes'][0]['what']
    assert 0 < document['outputs'][0]['differing'] < 257 * 257 // 4
    # Pool windows are options, resize targets constants: the weights themselves are the same.
    assert document['weights_different'] == 2


@pytest.mark.parametrize('kind', ['npy', 'folder', 'raw'])
def test_a_device_that_agrees(monolite, shared, models, tmp_path, kind):
    assert monolite('run', models[0], shared / 'images/cat.jpg', '--dump-outputs', tmp_path).returncode == 0
    outputs = {'npy': tmp_path / '0.npy', 'folder': tmp_path, 'raw': tmp_path / 'out.bin'}[kind]
    values = np.load(tmp_path / '0.npy')
    values.tofile(tmp_path / 'out.bin')
    assert monolite('diff', models[0], '--outputs', outputs, '--input', shared / 'images/cat.jpg').returncode == 0
    values.reshape(-1)[5] += 1
    np.save(tmp_path / '0.npy', values)
    values.tofile(tmp_path / 'out.bin')
    run = monolite('diff', models[0], '--outputs', outputs, '--input', shared / 'images/cat.jpg')
    assert run.returncode == 1 and '1 of 66,049 differ' in run.stdout


def test_raw_bytes_of_another_size_cannot_be_used(monolite, shared, models, tmp_path):
    (tmp_path / 'short.bin').write_bytes(b'12345678')
    run = monolite('diff', models[0], '--outputs', tmp_path / 'short.bin', '--input', shared / 'images/cat.jpg')
    assert run.returncode == 3 and '8 bytes' in run.stderr


def test_bisect_names_the_first_tensor(monolite, shared, models):
    run = monolite('bisect', *models, '--input', shared / 'images/cat.jpg', '--json')
    assert run.returncode == 1
    assert json.loads(run.stdout)['first']['node_a'] == 22  # the stride that became a dilation


def test_backends_do_not_part(monolite, shared, models):
    run = monolite('bisect', models[0], '--input', shared / 'images/cat.jpg')
    assert run.returncode == 0, run.stdout


def test_wrong_usage(monolite, models):
    assert monolite('diff', models[0]).returncode == 2
    assert monolite('bisect', *models).returncode == 2


@pytest.mark.parametrize('net, file', [('deeplab_tiny_float', 'mlir'), ('deeplab_tiny_float', 'toco'), ('deeplab_tiny_plus_float', 'mlir')])
def test_a_float_model_agrees_with_its_graph(monolite, shared, net, file):
    folder = shared / 'fixtures' / net
    run = monolite('diff', folder / f'{file}.tflite', folder / 'frozen_inference_graph.pb', '--input', shared / 'images/cat.jpg', '--json')
    report = json.loads(run.stdout)
    assert run.returncode == 0, run.stdout
    assert report['outputs'][0]['differing'] == 0 and report['outputs'][0]['elements'] == 65 * 65
    assert 0.9 * report['nodes_a'] < report['same_nodes'] <= report['nodes_a'] < report['nodes_b']


def test_another_nets_graph_does_not_agree(monolite, shared):
    graph = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb'
    quantized = shared / 'fixtures/deeplab_tiny_qat/mlir.tflite'
    run = monolite('diff', quantized, graph, '--input', shared / 'images/cat.jpg')
    assert run.returncode == 1 and 'of 4,225 differ' in run.stdout


def test_a_quantized_model_is_fed_the_reals_that_the_graph_takes(monolite, shared):
    """Labels of a net of random weights lie close together: rounding moves some, a wrong feed most."""
    folder = shared / 'fixtures/deeplab_tiny_qat'
    run = monolite('diff', folder / 'mlir.tflite', folder / 'frozen_inference_graph.pb', '--input', shared / 'images/cat.jpg', '--json')
    assert run.returncode == 1 and json.loads(run.stdout)['outputs'][0]['differing'] < 0.15 * 65 * 65


def test_what_a_graph_cannot_be_compared_with(monolite, shared, models):
    graph = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb'
    assert monolite('diff', graph, models[0]).returncode == 2
    detector = shared / 'models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite'
    run = monolite('diff', detector, graph, '--input', shared / 'images/cat.jpg')
    assert run.returncode == 3 and 'no node of the graph has that name' in run.stderr
