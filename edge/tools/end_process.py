"""End a child process."""

import subprocess


def end_process(process: "subprocess.Popen[bytes]", patience: float) -> None:
    """Send SIGTERM, and SIGKILL if that has not ended the process after ``patience`` s; wait for its end."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
