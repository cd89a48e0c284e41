"""Measure the accuracy of the sensor on scripted falls and on real clips."""
