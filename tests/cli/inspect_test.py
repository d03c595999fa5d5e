"""The verb inspect, as a new user would try it."""
import json

MODEL = 'models/coral/deeplabv3_mnv2_pascal_quant.tflite'


def test_json_has_the_contracts_keys(monolite, shared):
    done = monolite('inspect', shared / MODEL, '--json')
    assert done.returncode == 0 and done.stderr == ''
    report = json.loads(done.stdout)
    assert report['totals']['nodes'] == 72 and len(report['nodes']) == 72
    assert set(report['nodes'][0]) >= {'index', 'op', 'name', 'inputs', 'outputs', 'macs'}
    assert set(report['totals']) >= {'nodes', 'params', 'macs', 'bytes', 'arena_bytes'}
    assert report['nodes'][-1]['op'] == 'ARG_MAX'
    assert 2.7e9 < report['totals']['macs'] < 2.8e9


def test_wrong_inputs_say_what_is_wrong(monolite, tmp_path):
    assert monolite('inspect').returncode == 2
    assert monolite('inspect', 'none.tflite').returncode == 3
    assert 'a directory' in monolite('inspect', tmp_path).stderr
    (tmp_path / 'empty.tflite').write_bytes(b'')
    assert 'an empty file' in monolite('inspect', tmp_path / 'empty.tflite').stderr
    done = monolite('inspect', 'x.tflite', '--jsn')
    assert done.returncode == 2 and 'did you mean --json?' in done.stderr


def test_verbs_are_explained(monolite):
    assert 'inspect' in monolite('--help').stdout
    assert monolite().returncode == 2
    assert 'did you mean `monolite inspect`?' in monolite('inspct').stderr
    assert 'EXAMPLES' in monolite('inspect', '--help').stdout
