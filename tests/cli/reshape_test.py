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


def test_json(monolite, deeplab, tmp_path):
    run = monolite('reshape', deeplab, '-o', tmp_path / 'out.tflite', '--crop_size=384,640', '--json')
    document = json.loads(run.stdout)
    assert document['input'] == [1, 384, 640, 3]
    assert document['shift'] == [15, 15] and document['friendly'] == [385, 641]


def test_suggests_sizes_without_writing(monolite, deeplab):
    run = monolite('reshape', deeplab, '--suggest=384,640', '--json')
    sizes = {(s['height'], s['width']): s for s in json.loads(run.stdout)['sizes']}
    assert sizes[384, 640]['shift'] == [15, 15] and sizes[385, 641]['shift'] == [0, 0]


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
