"""The room with the camera and without a network: pixels come in, lines of numbers go out."""
