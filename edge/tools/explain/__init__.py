"""``posenet-edge explain``: how the pixels of one photo become poses, in pictures and figures of this code."""
