"""The verb reshape as a user meets it: exit codes, text, JSON."""
import json

import pytest


@pytest.fixture
def deeplab(shared):
    return shared / 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite'


def test_writes_a_model_and_says_what_it_became(monolite, deeplab, tmp_path):
    out = tmp_path / 'small.tflite'
    run = monolite('reshape', deeplab, '-o', out, '--crop-size=257', '--output_stride', '8')
    assert run.returncode == 0 and out.exists()
    assert 'input 1x513x513x3 -> 1x257x257x3, output stride 16 -> 8' in run.stdout


def test_the_receipt_says_what_was_changed(monolite, deeplab, tmp_path):
    out = tmp_path / 'small.tflite'
    assert monolite('reshape', deeplab, '-o', out, '--crop-size=257').returncode == 0
    text = monolite('inspect', out).stdout
    assert '\n  size: node 70 RESIZE_BILINEAR: size 257x257\n' in text, text[-2000:]


def test_json(monolite, deeplab, tmp_path):
    run = monolite('reshape', deeplab, '-o', tmp_path / 'out.tflite', '--crop_size=384,640', '--json')
    document = json.loads(run.stdout)
    assert document['input'] == [1, 384, 640, 3]
    assert document['shift'] == [15, 15] and document['friendly'] == [385, 641]


def test_suggests_sizes_without_writing(monolite, deeplab):
    run = monolite('reshape', deeplab, '--suggest=384,640', '--json')
    sizes = {(s['height'], s['width']): s for s in json.loads(run.stdout)['sizes']}
    assert sizes[384, 640]['shift'] == [15, 15] and sizes[385, 641]['shift'] == [0, 0]


def test_suggestions_count_partitions_of_each_kind_of_target(monolite, deeplab):
    sizes = json.loads(monolite('reshape', deeplab, '--suggest=384,640', '--json').stdout)['sizes']
    for s in sizes:
        assert {'nnapi-29-cpu', 'nnapi-29', 'nnapi-31', 'xnnpack', 'gpu', 'edgetpu', 'ethos-u55', 'ethos-u65', 'ethos-u85', 'openvino', 'vx',
                'hexagon', 'coreml'} == set(s['partitions']) == set(s['cpu_nodes'])
        assert 'pixels_changed' not in s
    text = monolite('reshape', deeplab, '--suggest=384,640').stdout
    row = next(line for line in text.splitlines() if line.startswith('nnapi-29-cpu')).split()[1:]
    assert row == [f"{s['partitions']['nnapi-29-cpu']}+{s['cpu_nodes']['nnapi-29-cpu']}" for s in sizes]


def test_suggested_partitions_are_those_of_check(monolite, deeplab, tmp_path):
    sizes = json.loads(monolite('reshape', deeplab, '--suggest=384,640', '--json').stdout)['sizes']
    s = next(s for s in sizes if (s['height'], s['width']) == (384, 640))
    assert monolite('reshape', deeplab, '-o', tmp_path / 'x.tflite', '--crop_size=384,640').returncode == 0
    targets = [f'--target={t}' for t in s['partitions']]
    checked = json.loads(monolite('check', tmp_path / 'x.tflite', *targets, '--json').stdout)['targets']
    assert {t['name']: (t['partitions'], len(t['cpu_nodes'])) for t in checked} == {
        name: (s['partitions'][name], s['cpu_nodes'][name]) for name in s['partitions']}


def test_suggestions_say_what_changes_on_a_picture(monolite, deeplab, shared):
    picture = shared / 'images/cat.jpg'
    run = monolite('reshape', deeplab, '--suggest=512', '--input', picture, '--json')
    report = json.loads(run.stdout)
    sizes = {s['height']: s['pixels_changed'] for s in report['sizes']}
    assert sizes[513] == {'tensorflow': 0, 'keep': 0}
    assert 0 < sizes[512]['keep'] < sizes[512]['tensorflow'] < report['picture']['pixels']
    text = monolite('reshape', deeplab, '--suggest=512', '--input', picture).stdout
    assert 'pixels changed' in text and '0.00 %' in text


def test_a_picture_needs_labels_and_suggestions(monolite, deeplab, shared, tmp_path):
    picture = shared / 'images/cat.jpg'
    detector = monolite('reshape', shared / 'models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite', '--suggest=320', '--input', picture)
    assert detector.returncode == 3 and 'labels the pixels' in detector.stderr
    assert monolite('reshape', deeplab, '-o', tmp_path / 'x.tflite', '--crop_size=257', '--input', picture).returncode == 2
    assert monolite('reshape', deeplab, '--suggest=320', '--input', tmp_path / 'absent.png').returncode == 3


@pytest.mark.parametrize('flags', [[], ['--crop_size=0'], ['--crop_size=a'], ['--crop_size=1,2,3'], ['--output_stride=12', '-o', 'x'],
                                   ['-o', 'x'], ['--geometry=flat', '-o', 'x']])
def test_wrong_usage_is_2(monolite, deeplab, flags, tmp_path):
    assert monolite('reshape', deeplab, *flags, cwd=tmp_path).returncode == 2
    assert not list(tmp_path.iterdir())


def test_a_detector_keeps_its_output_stride(monolite, shared, tmp_path):
    model = shared / 'models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite'
    run = monolite('reshape', model, '-o', tmp_path / 'x.tflite', '--output_stride=8')
    assert run.returncode == 3
    assert 'a detector' in run.stderr
    assert not list(tmp_path.iterdir())
