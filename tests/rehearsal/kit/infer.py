"""One inference with the default model, on whatever processor and runtime this is: ``infer.py INPUT.npy OUTPUT.npz``."""

import sys

import numpy as np

from edge.data_files import MODELS
from edge.sense.inference.model_file import find_model
from edge.sense.inference.tflite_runtime import make_interpreter

interpreter = make_interpreter(find_model("default", MODELS).content, 1)
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.load(sys.argv[1])[None])
interpreter.invoke()
# As they come, in steps of their quantization.
heads = {head["name"]: interpreter.get_tensor(head["index"]) for head in interpreter.get_output_details()}
np.savez(sys.argv[2], **heads)
print(type(interpreter).__module__)
