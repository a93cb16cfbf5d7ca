"""The library's pictures, searched by text and by a photo: by what they show, or by what is written on them.

This package does not know how a picture was read, nor the page that shows it.
"""
