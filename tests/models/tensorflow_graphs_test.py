"""Graphs that no fixture has, made by TensorFlow itself where it is installed (`pip install tensorflow`): what convert makes of them, run by LiteRT's
reference kernels, computes what TensorFlow computes."""
import os

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
tf = pytest.importorskip('tensorflow')
v1 = tf.compat.v1
RANDOM = np.random.RandomState(3)


def weights(*shape):
    return tf.constant((RANDOM.normal(size=shape) * 0.3).astype(np.float32))


def variances(*shape):
    return tf.constant((RANDOM.uniform(0.5, 1.5, size=shape)).astype(np.float32))


def norm(x, channels, op=tf.raw_ops.FusedBatchNormV3):
    return op(x=x, scale=weights(channels), offset=weights(channels), mean=weights(channels), variance=variances(channels), epsilon=1e-3, is_training=False)[0]


def attention(x):
    heads = [tf.einsum('abc,cde->abde', x, weights(8, 2, 4)) + weights(2, 4) for _ in range(3)]
    shares = tf.nn.softmax(tf.einsum('BFNH,BTNH->BNFT', heads[0], heads[1]) * 0.5)
    return tf.einsum('abcd,cde->abe', tf.einsum('BNFT,BTNH->BFNH', shares, heads[2]), weights(2, 4, 8))


def dilated(x):
    y = tf.space_to_batch(x, [2, 2], [[2, 3], [2, 3]])
    y = v1.nn.conv2d(y, weights(3, 3, 4, 6), [1, 1, 1, 1], 'VALID')
    return tf.nn.relu6(norm(tf.batch_to_space(y, [2, 2], [[0, 1], [0, 1]]), 6))


def conv(x, inputs, outputs, side=1, stride=1):
    return tf.nn.bias_add(v1.nn.conv2d(x, weights(side, side, inputs, outputs), [1, stride, stride, 1], 'SAME'), weights(outputs))


# name: shape of the input, the graph, the operators that are expected
GRAPHS = {
    'batch_norm_1': ((1, 9, 9, 4), lambda x: tf.nn.relu6(norm(conv(x, 4, 6, 3, 2), 6, tf.raw_ops.FusedBatchNorm)), 'CONV_2D'),
    'batch_norm_unfused': ((1, 9, 9, 4), lambda x: tf.nn.relu(tf.nn.batch_normalization(v1.nn.depthwise_conv2d(x, weights(3, 3, 4, 2), [1, 1, 1, 1], 'SAME'), weights(8), variances(8),
                                                                                        weights(8), weights(8), 1e-3)), 'DEPTHWISE_CONV_2D'),
    'dilated': ((1, 17, 17, 4), dilated, 'CONV_2D'),
    'transposed': ((1, 5, 5, 4), lambda x: tf.nn.relu(norm(v1.nn.conv2d_transpose(x, weights(4, 4, 6, 4), [1, 10, 10, 6], [1, 2, 2, 1], 'SAME'), 6)), 'TRANSPOSE_CONV'),
    'hard_swish': ((1, 5, 5, 4), lambda x: (lambda y: y * tf.nn.relu6(y + 3) * np.float32(1 / 6))(conv(x, 4, 4)), 'CONV_2D HARD_SWISH'),
    'prelu': ((1, 5, 5, 4), lambda x: tf.nn.relu(x) - weights(1, 1, 4) * tf.nn.relu(-x), 'PRELU'),
    'clip': ((1, 5, 5, 4), lambda x: tf.clip_by_value(conv(x, 4, 4), 0.0, 6.0), 'CONV_2D'),
    'gelu': ((2, 3, 8), lambda x: tf.nn.gelu(x, approximate=False), 'GELU'),
    'gelu_by_tanh': ((2, 3, 8), lambda x: tf.nn.gelu(x, approximate=True), 'GELU'),
    'line': ((1, 10, 4), lambda x: tf.nn.relu(tf.nn.conv1d(x, weights(3, 4, 6), 2, 'SAME') + weights(6)), 'CONV_2D RESHAPE RESHAPE'),
    'splits': ((1, 4, 4, 12), lambda x: tf.concat(tf.split(x, [2, -1, 4], -1)[::-1], 3), 'CONCATENATION SPLIT_V'),
    'attention': ((1, 6, 8), attention, None),
    'softmax_elsewhere': ((2, 5, 6), lambda x: tf.nn.softmax(x, axis=1), 'SOFTMAX TRANSPOSE TRANSPOSE'),
    'condition': ((1, 10), lambda x: v1.cond(v1.placeholder_with_default(False, []), lambda: x * 2, lambda: tf.abs(x)), 'ABS'),
}


def run(file, x):
    it = Interpreter(model_path=str(file), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    it.set_tensor(it.get_input_details()[0]['index'], x)
    it.invoke()
    ops = ' '.join(sorted(o['op_name'] for o in it._get_ops_details() if o['op_name'] != 'DELEGATE'))
    return it.get_tensor(it.get_output_details()[0]['index']), ops


def expect_close(got, wanted):
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max() <= 1e-4 * np.abs(wanted).max()


@pytest.mark.parametrize('name', GRAPHS)
def test_a_graph_computes_what_tensorflow_computes(name, monolite, tmp_path):
    shape, build, wanted_ops = GRAPHS[name]
    x = np.random.RandomState(1).normal(size=shape).astype(np.float32) * 2
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        if name == 'condition':
            v1.disable_control_flow_v2()
        entry = v1.placeholder(tf.float32, shape, 'x')
        wanted = session.run(tf.identity(build(entry), name='y'), {entry: x})
        (tmp_path / 'graph.pb').write_bytes(graph.as_graph_def().SerializeToString())
    done = monolite('convert', f'--graph_def_file={tmp_path}/graph.pb', f'--output_file={tmp_path}/m.tflite', '--input_arrays=x', '--output_arrays=y')
    assert done.returncode == 0, done.stderr
    got, ops = run(tmp_path / 'm.tflite', x)
    expect_close(got, wanted)
    assert wanted_ops is None or ops == wanted_ops


def small_unet(layers):
    x = entry = layers.Input((32, 32, 3))
    x = kept = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, padding='same')(x)))
    x = layers.SeparableConv2D(8, 3, padding='same', dilation_rate=2, activation='relu')(layers.MaxPooling2D()(x))
    x = layers.Concatenate()([layers.Conv2DTranspose(8, 2, 2, 'same')(x), layers.UpSampling2D(interpolation='bilinear')(x), kept])
    return entry, layers.Conv2D(5, 1, activation='softmax')(x)


def small_transformer(layers):
    entry = layers.Input((16, 16, 3))
    x = layers.Reshape((16, 32))(layers.Conv2D(32, 4, 4)(entry))
    y = layers.LayerNormalization()(x)
    x = layers.Add()([x, layers.MultiHeadAttention(4, 8)(y, y)])
    x = layers.Add()([x, layers.Dense(32)(layers.Dense(64, activation='gelu')(layers.LayerNormalization()(x)))])
    return entry, layers.Dense(10)(layers.GlobalAveragePooling1D()(x))


@pytest.mark.parametrize('build', [small_unet, small_transformer])
def test_a_saved_model_of_keras_computes_what_keras_computes(build, monolite, tmp_path):
    keras = pytest.importorskip('keras')
    keras.utils.set_random_seed(1)
    model = keras.Model(*build(keras.layers))
    model.export(str(tmp_path / 'saved'), verbose=False)
    x = np.random.RandomState(1).normal(size=(1, *model.inputs[0].shape[1:])).astype(np.float32)
    done = monolite('convert', f'--saved_model_dir={tmp_path}/saved', f'--output_file={tmp_path}/m.tflite')
    assert done.returncode == 0, done.stderr
    expect_close(run(tmp_path / 'm.tflite', x)[0], np.asarray(model(x, training=False)))
