"""How fast the parts are, and how well the arm follows."""
