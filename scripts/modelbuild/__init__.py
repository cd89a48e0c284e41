"""Build the PoseNet .tflite files in ``models/`` from Google's float weights, without TensorFlow."""
