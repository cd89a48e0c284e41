"""Webcams, through the kernel's Video4Linux2."""
