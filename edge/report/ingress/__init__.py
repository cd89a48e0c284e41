"""Where lines of ``sense`` enter: the socket, and the gate that believes nothing."""
