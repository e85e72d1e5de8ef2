"""What the system says of itself: states, reasons, and the words for them."""
