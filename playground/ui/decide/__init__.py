"""What the Decide page and the presentation say of what was measured."""
