"""Errors that a person reads: what happened, to which file or setting, and what to do."""


class PlaygroundError(Exception):
    """Base of every error whose message is meant for the person, in one line."""


class ConfigError(PlaygroundError):
    """A setting has a value that cannot work; the message names the setting, the value and the remedy."""


class ReadError(PlaygroundError):
    """A file gives no text; the message is the one reason why, without the file's name."""


class ModelError(PlaygroundError):
    """A model cannot be loaded; the message names the model and the remedy."""


class IndexMissing(PlaygroundError):
    """A question was asked of documents that are not indexed with these settings."""


class InputError(PlaygroundError):
    """A questions file, a folder or another input of a command cannot be used."""


class ServerError(PlaygroundError):
    """A server is not there, refuses, or fails; the message names its address and never holds a key."""
