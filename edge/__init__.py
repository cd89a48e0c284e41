"""posenet-edge: a pose sensor that publishes where joints are and never a picture."""

__version__ = "0.3.0rc1"
