#!/bin/sh
# Makes this folder's model from nothing: float, float three times more with a fresh learning rate, quantization-aware, then the
# .tflite files and their figures. Where it was stopped, it goes on.
#
#   models/scenes/train.sh [BIN] [OUT]    programs (default build/bin), folder for checkpoints (default scenes_model)
set -eu
bin=${1:-build/bin}
out=${2:-scenes_model}
mkdir -p "$out"

net="--depth_multiplier=0.5 --output_stride=16 --decoder_output_stride=4 --decoder_filters=48"
recipe="--dataset=scenes $net --aspp_convs_filters=128 --train_crop_size=129,129 --train_batch_size=16 --batch_norm_decay=0.99
  --min_scale_factor=1 --max_scale_factor=1 --num_threads=2 --save_interval_steps=500 --validation_samples=200 --log_steps=20"
warm_up="--slow_start_step=50 --slow_start_learning_rate=0.02"

"$bin/monolite" train $recipe $warm_up --train_logdir="$out/float" --training_number_of_steps=3000 --base_learning_rate=0.1 --seed=1
"$bin/monolite" train $recipe $warm_up --train_logdir="$out/float2" --training_number_of_steps=2200 --base_learning_rate=0.06 --seed=2 \
  --tf_initial_checkpoint="$out/float"
"$bin/monolite" train $recipe $warm_up --train_logdir="$out/float3" --training_number_of_steps=1400 --base_learning_rate=0.04 --seed=4 \
  --tf_initial_checkpoint="$out/float2"
# The last two on one thread, with a validation now and then.
"$bin/monolite" train $recipe --slow_start_step=50 --slow_start_learning_rate=0.015 --train_logdir="$out/float4" --training_number_of_steps=1800 \
  --base_learning_rate=0.03 --seed=6 --num_threads=1 --save_interval_steps=200 --tf_initial_checkpoint="$out/float3"
"$bin/monolite" train $recipe --train_logdir="$out/qat" --training_number_of_steps=160 --base_learning_rate=0.01 --seed=5 --num_threads=1 \
  --tf_initial_checkpoint="$out/float4" --quantize_delay_step=0 --freeze_bn_delay=0

# The weights alone, without the optimizer's slots: what is committed.
"$bin/monolite" train $recipe --train_logdir="$out/checkpoint_float" --training_number_of_steps=0 --tf_initial_checkpoint="$out/float4"
"$bin/monolite" train $recipe --train_logdir="$out/checkpoint_qat" --training_number_of_steps=0 --tf_initial_checkpoint="$out/qat" \
  --quantize_delay_step=0

"$bin/monolite" export --checkpoint_path="$out/checkpoint_float" --export_path="$out/float.pb" --crop_size=129,129 $net
"$bin/monolite" convert --graph_def_file="$out/float.pb" --output_file="$out/scenes_float.tflite" --inference_type=FLOAT \
  --input_arrays=MobilenetV2/MobilenetV2/input --output_arrays=ArgMax
"$bin/monolite" export --checkpoint_path="$out/checkpoint_qat" --export_path="$out/quant.pb" --crop_size=129,129 $net --quantize_delay_step=0
"$bin/monolite" convert --quantized_graph_def_path="$out/quant.pb" --output_tflite_path="$out/scenes_uint8.tflite" --inference_type=UINT8
"$bin/monolite" convert --quantized_graph_def_path="$out/quant.pb" --output_tflite_path="$out/scenes_int8.tflite" --inference_type=INT8
for type in float uint8 int8; do
  echo "== $type"
  "$bin/monolite" eval segmentation "$out/scenes_$type.tflite" --dataset=scenes --eval_split=test
done
