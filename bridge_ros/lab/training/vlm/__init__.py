"""Supervised fine-tuning of the planner's vision-language model (section 3.1, appendix A.4)."""
