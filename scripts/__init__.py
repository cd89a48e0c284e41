"""Tools that build and measure the product for its developers; none of them is in the wheel."""
