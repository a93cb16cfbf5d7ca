"""The Fine-tune page's pieces: examples, settings, the training, and adapters."""
