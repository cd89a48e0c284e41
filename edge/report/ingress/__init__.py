"""Entry of the lines of ``sense``: the socket, and the gate that checks every line."""
