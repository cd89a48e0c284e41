"""Analytics: detectors make events and state of the people that are seen."""
