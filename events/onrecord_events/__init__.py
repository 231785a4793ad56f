"""What happened: the vocabulary, the envelope and the log on JetStream."""
