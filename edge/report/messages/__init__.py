"""The published messages: their fields, how they are built and when they are sent."""
