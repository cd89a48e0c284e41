"""Measuring how right the sensor is: on scripted falls and on real clips."""
