"""``posenet-edge doctor``: looks for what goes wrong in the field, and says what to do about it."""
