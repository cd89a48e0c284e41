"""The service with the camera and without a network: frames in, lines of numbers out."""
