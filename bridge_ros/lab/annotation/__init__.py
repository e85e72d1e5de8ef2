"""Episodes of a robot at work, and the fine-tuning records that are made of them (figure 2)."""
