"""Messages -> the tokens that a language model reads, by its own chat template or, where it has none that
works, by a plain one.

This module does not know what the messages say, and does not run a model.
"""

import threading
from collections.abc import Sequence
from typing import Any

from playground.engines.engine import Message

PLAIN_NOTE = "The model has no chat template; a plain one is used."
BROKEN_NOTE = "The model's chat template does not work; a plain one is used."
NO_SYSTEM_NOTE = "The model's chat template has no system text; it stands before the first question."

_PLAIN_ROLES = {"system": "", "user": "User: ", "assistant": "Assistant: "}
_PROBE = (
    Message("system", "probe of system"),
    Message("user", "probe of user"),
    Message("assistant", "probe of assistant"),
    Message("user", "second probe of user"),
)


class ChatTemplate:
    """A tokenizer and its template; safe to use from several threads.

    `note` is a line that the person has to know, or "". `stop` is a text that ends an answer, or "": with the
    plain template a model may go on and write the next question itself.
    """

    def __init__(self, tokenizer: Any) -> None:
        self.note, self.stop = "", ""
        self._tokenizer = tokenizer
        self._plain = self._merges_system = False
        self._lock = threading.Lock()  # a fast tokenizer refuses to work for two threads at once
        added = getattr(tokenizer, "added_tokens_decoder", {}).values()
        self._marks = {token.content for token in added if token.special} | set(tokenizer.all_special_tokens)
        self._choose()

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """The ids of the prompt, up to where the answer begins."""
        with self._lock:
            text = self._render(messages)
            # Templates write the token that begins a text themselves.
            return list(self._tokenizer(text, add_special_tokens=self._plain)["input_ids"])

    def encode_answer(self, text: str) -> list[int]:
        """The ids of an answer behind such a prompt, without what ends it. A mark of the template's in it is
        text like any other."""
        with self._lock:
            begin = " " if self._plain else ""  # the plain template ends with a colon
            ids = self._tokenizer(begin + text, add_special_tokens=False, split_special_tokens=True)
            return list(ids["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        with self._lock:
            return str(
                self._tokenizer.decode(
                    list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
                )
            )

    def _choose(self) -> None:
        if not getattr(self._tokenizer, "chat_template", None):
            self._use_plain(PLAIN_NOTE)
        elif not self._renders(_PROBE):
            self._merges_system = True
            if self._renders(_PROBE):
                self.note = NO_SYSTEM_NOTE
            else:
                self._use_plain(BROKEN_NOTE)

    def _use_plain(self, note: str) -> None:
        self._plain, self._merges_system = True, False
        self.note, self.stop = note, "\nUser:"

    def _renders(self, messages: Sequence[Message]) -> bool:
        """Whether the template writes down all messages."""
        try:
            text = self._render(messages)
        except Exception:  # a template is a program: it can fail in every way that there is
            return False
        return all(message.content in text for message in messages)

    def _render(self, messages: Sequence[Message]) -> str:
        safe = [Message(each.role, self._without_marks(each.content)) for each in messages]
        if self._plain:
            parts = [f"{_PLAIN_ROLES[each.role]}{each.content}" for each in safe]
            return "\n\n".join([*parts, "Assistant:"])
        return str(
            self._tokenizer.apply_chat_template(
                [{"role": each.role, "content": each.content} for each in self._merged(safe)],
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=False,  # read by templates of models that can think aloud, and by no other
            )
        )

    def _merged(self, messages: Sequence[Message]) -> list[Message]:
        if not (self._merges_system and messages and messages[0].role == "system"):
            return list(messages)
        system, first, *others = messages
        return [Message(first.role, f"{system.content}\n\n{first.content}"), *others]

    def _without_marks(self, text: str) -> str:
        """Text of a document must not be able to end a turn and begin another one."""
        for mark in self._marks:
            if len(mark) > 1 and mark in text:
                text = text.replace(mark, f"{mark[0]} {mark[1:]}")
        return text
