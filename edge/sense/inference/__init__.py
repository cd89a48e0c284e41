"""From a frame to the heads of PoseNet: letterbox, model file, TensorFlow Lite."""
