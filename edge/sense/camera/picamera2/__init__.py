"""The Raspberry Pi's camera, through Picamera2 and libcamera."""
