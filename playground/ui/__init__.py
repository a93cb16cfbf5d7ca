"""The web app's frame: navigation, shared state, and the pieces that pages are drawn with."""
