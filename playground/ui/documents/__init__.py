"""The Documents page's pieces: upload, library, previews, and a document on the screen."""
