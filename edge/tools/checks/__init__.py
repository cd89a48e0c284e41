"""Checks that tell what they found: the frame of ``posenet-edge audit`` and ``posenet-edge doctor``."""
