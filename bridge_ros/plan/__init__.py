"""What passes between thinking and acting: the plan of one stage, and its checks."""
