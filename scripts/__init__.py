"""What builds and measures the product for its developers; none of it is in the wheel."""
