"""The device, rehearsed: a real Debian booted in a container, with the product installed as on a Raspberry Pi.

``scripts/rehearse`` runs this; an ordinary ``pytest`` does not collect it. What is real here: systemd, udev, the
kernel's restrictions, libcamera, Picamera2, mosquitto, pip. What stands in: libcamera's own *virtual* camera, which
shows a photograph (``kit/`` makes Picamera2 accept it). The device is an x86-64; what is compiled for a Raspberry Pi's
processors runs in qemu, without the rest of a system (``test_arm.py``). What cannot be rehearsed: the Raspberry Pi's
image processor, its speed, the sensor's timing and controls, heat, and memory limits (host control groups may not act
in a container).
"""
