"""convert and export beside the real converter's files, judged by LiteRT's reference kernels on pictures; and beside TensorFlow
itself, where it is installed (`pip install tensorflow-cpu`)."""
import lzma

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

NETS = [f'deeplab_{n}_{k}' for n in ('dm05', 'tiny', 'tiny_os8', 'tiny_plus') for k in ('float', 'qat')]
PICTURES = ['images/cat.jpg', 'images/dog_segmentation.bmp', 'images/grace_hopper.bmp']


def plain(file, tmp_path):
    if file.exists():
        return file
    out = tmp_path / file.name
    out.write_bytes(lzma.open(f'{file}.xz').read())
    return out


def labels(file, picture):
    it = Interpreter(model_path=str(file), num_threads=2, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    detail = it.get_input_details()[0]
    h, w = detail['shape'][1:3]
    x = np.array(Image.open(picture).convert('RGB').resize((w, h)))[None]
    if detail['dtype'] == np.float32:
        x = ((x - 127.5) / 127.5).astype(np.float32)
    if detail['dtype'] == np.int8:
        x = (x.astype(np.int16) - 128).astype(np.int8)
    it.set_tensor(detail['index'], x)
    it.invoke()
    return it.get_tensor(it.get_output_details()[0]['index'])


@pytest.mark.parametrize('net', NETS)
def test_labels_are_the_real_converters(net, monolite, shared, tmp_path):
    folder = shared / 'fixtures' / net
    kind = ['--inference_type=FLOAT'] if net.endswith('float') else []
    out = tmp_path / 'out.tflite'
    done = monolite('convert', f'--quantized_graph_def_path={folder}/frozen_inference_graph.pb', f'--output_tflite_path={out}', *kind)
    assert done.returncode == 0, done.stderr
    real = plain(folder / 'toco.tflite', tmp_path)
    for picture in PICTURES:
        same = (labels(out, shared / picture) == labels(real, shared / picture)).mean()
        assert same >= (0.9995 if kind else 1), picture


@pytest.mark.parametrize('net, least', [('deeplab_dm05_qat', 0.95), ('deeplab_dm10_qat', 0.98)])
def test_int8_agrees_with_uint8(net, least, monolite, shared, tmp_path):
    folder, out = shared / 'fixtures' / net, tmp_path / 'out.tflite'
    done = monolite('convert', f'--quantized_graph_def_path={folder}/frozen_inference_graph.pb', f'--output_tflite_path={out}',
                    '--inference_type=INT8')
    assert done.returncode == 0, done.stderr
    for picture in PICTURES:
        same = (labels(out, shared / picture) == labels(folder / 'toco.tflite', shared / picture)).mean()
        assert same >= least, picture


@pytest.mark.parametrize('net, classes, multiplier, crop', [('deeplab_tiny_float', 4, 0.35, 65), ('deeplab_tiny_qat', 4, 0.35, 65),
                                                            ('deeplab_dm05_qat', 21, 0.5, 513)])
def test_tensorflow_runs_what_is_exported(net, classes, multiplier, crop, monolite, shared, tmp_path):
    tf = pytest.importorskip('tensorflow').compat.v1
    folder, out = shared / 'fixtures' / net, tmp_path / 'out.pb'
    done = monolite('export', f'--checkpoint_path={folder}/model.ckpt-30000', f'--export_path={out}', f'--num_classes={classes}',
                    f'--depth_multiplier={multiplier}', f'--crop_size={crop},{crop}', '--output_stride=16',
                    *(['--quantize_delay_step=0'] if net.endswith('qat') else []))
    assert done.returncode == 0, done.stderr
    picture = np.asarray(Image.open(shared / f'fixtures/inputs/cat_{crop}.png'))[None]

    def mask(file):
        graph = tf.GraphDef.FromString(file.read_bytes())
        with tf.Graph().as_default(), tf.Session() as session:
            tf.import_graph_def(graph, name='')
            return session.run('SemanticPredictions:0', {'ImageTensor:0': picture})
    assert (mask(out) == mask(folder / 'frozen_inference_graph.pb')).all()
