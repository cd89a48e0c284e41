"""Count what this process dropped, lost, refused, retried or saw start again and has no counter of its own for.

One count for the whole process, as there is one log. Each kind is counted by one thread.
"""

KINDS = {
    "broker_lost": "connections to the broker that were lost",
    "broker_unavailable": "tries to connect to the broker that failed",
    "publish_refused": "messages that the broker refused (only MQTT 5 tells)",
    "received_dropped": "messages from the broker that were too large, or of which too many waited",
    "events_over_rate": "events that were more than may be published in the time",
    "senders_refused": "processes that knocked at the wall and were not `sense`",
    "sense_restarts": "starts of `sense` that were seen, without the first",
    "reloads_refused": "configurations that were wrong at a reload",
    "overrides_given_up": "stored places, sensitivities or profiles that no longer fit the settings",
    "writes_failed": "commands, or former names, that could not be stored for the next start",
}
"""Meanings by kind; ``health`` publishes the counts."""

counted = dict.fromkeys(KINDS, 0)
"""Since this process started."""


def count(kind: str) -> None:
    """Count one of ``KINDS``."""
    counted[kind] += 1
