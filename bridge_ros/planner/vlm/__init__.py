"""Planning by vision-language models: the two-step conversation, and who can be talked to."""
