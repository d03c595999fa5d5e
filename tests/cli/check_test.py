"""The verb check as a user meets it: exit codes, text, JSON, and a log of a device."""
import json

import pytest


@pytest.fixture
def deeplab(shared):
    return shared / 'models/coral/deeplabv3_mnv2_pascal_quant.tflite'


def test_says_yes_and_no_by_its_exit_code(monolite, shared, deeplab):
    whole = shared / 'models/coral/mobilenet_v2_1.0_224_quant.tflite'
    assert monolite('check', whole, '--target', 'nnapi').returncode == 0
    assert monolite('check', deeplab, '--target', 'nnapi').returncode == 1
    assert monolite('check', whole, '--target', 'nnapi', '--target', 'xnnpack').returncode == 1
    assert monolite('check', deeplab, '--target', 'ethos-u85').returncode == 0


def test_one_line_a_target_without_one(monolite, deeplab):
    run = monolite('check', deeplab)
    assert run.returncode == 0
    names = [line.split()[0] for line in run.stdout.splitlines() if line.strip()]
    for name in ('nnapi-27', 'nnapi-31-cpu', 'xnnpack', 'gpu', 'edgetpu', 'ethos-u55', 'ethos-u65', 'ethos-u85', 'openvino', 'vx',
                 'hexagon', 'coreml'):
        assert names.count(name) == 1


def test_an_unknown_target_is_a_usage_error(monolite, deeplab):
    run = monolite('check', deeplab, '--target', 'xnpack')
    assert run.returncode == 2
    assert 'did you mean xnnpack?' in run.stderr


def test_json_has_the_keys_of_the_contract(monolite, deeplab):
    run = monolite('check', deeplab, '--target=nnapi', '--json')
    document = json.loads(run.stdout)
    verdict, = document['targets']
    assert document['file'] == str(deeplab)
    assert (verdict['name'], verdict['partitions'], verdict['delegated_nodes'], verdict['fully_delegated']) == \
        ('nnapi-29-cpu', 3, 67, False)
    assert [(s['kind'], len(s['nodes'])) for s in verdict['segments']] == [
        ('delegate', 62), ('cpu', 1), ('delegate', 1), ('cpu', 1), ('delegate', 4), ('cpu', 3)]
    pool = verdict['segments'][1]
    assert (pool['bytes_in'], pool['bytes_out']) == (33 * 33 * 320, 320)
    assert [(n['index'], n['op']) for n in verdict['cpu_nodes']] == [
        (61, 'AVERAGE_POOL_2D'), (64, 'RESIZE_BILINEAR'), (69, 'RESIZE_BILINEAR'), (70, 'RESIZE_BILINEAR'), (71, 'ARG_MAX')]
    assert verdict['cpu_nodes'][4]['reasons'][0]['code'] == 'int64_output'


def test_fewer_partitions_give_nodes_back(monolite, deeplab):
    run = monolite('check', deeplab, '--target', 'nnapi', '--max_delegated_partitions', '1', '--json')
    verdict, = json.loads(run.stdout)['targets']
    assert (verdict['partitions'], verdict['delegated_nodes']) == (1, 62)
    assert [n['index'] for n in verdict['cpu_nodes'] if n['reasons'][0]['code'] == 'partition_limit'] == [63, 65, 66, 67, 68]


def test_compares_with_the_log_of_a_device(monolite, deeplab, shared):
    log = next(f for f in sorted((shared / 'seeds').glob('*.txt')) if 'Run Order' in f.read_text())
    run = monolite('check', deeplab, '--target', 'nnapi-29-cpu', '--observed', log, '--json')
    observed = json.loads(run.stdout)['observed']
    assert observed['ran'] == ['TfLiteNnapiDelegate', 'AVERAGE_POOL_2D', 'TfLiteNnapiDelegate', 'RESIZE_BILINEAR',
                               'TfLiteNnapiDelegate', 'RESIZE_BILINEAR', 'RESIZE_BILINEAR', 'ARG_MAX']
    assert observed['avg_ms'][6] == 22.369
    # The page's file has no QUANTIZE behind the first resize; else the device did as predicted.
    assert observed['differences'] == ['the log is of a graph of 71 nodes; this one has 72']


def test_a_log_needs_one_target(monolite, deeplab, tmp_path):
    log = tmp_path / 'log'
    log.write_text('hello')
    assert monolite('check', deeplab, '--observed', log).returncode == 2
    run = monolite('check', deeplab, '--target', 'nnapi', '--observed', log)
    assert run.returncode == 3 and '--enable_op_profiling=true' in run.stderr
