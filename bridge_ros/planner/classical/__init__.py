"""The offline planner: grounds colour and shape words in the RGB-D frame."""
