"""What has to be known of a task before anybody can say: prompt, retrieval, fine-tuning, or both.

Every answer speaks for or against two things: for looking up (knowledge that has to come from documents) and
for tuning (behaviour that has to come from examples). The weights follow what advice articles agree on; they
are written here so that anyone may disagree. This module does not know what follows from the answers.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """An answer that can be given: `label` in full, `short` where `value` says too little. `lookup` and
    `tuning` are points, positive where the answer speaks for it; `reason` completes the sentence "because
    ..."."""

    value: str
    label: str
    lookup: int = 0
    tuning: int = 0
    reason: str = ""
    short: str = ""

    @property
    def word(self) -> str:
        """What it is called where there is little room."""
        return self.short or self.value


@dataclass(frozen=True)
class Criterion:
    """A question about the task, in short and in full, with what is meant by it and an example."""

    key: str
    short: str
    question: str
    explanation: str
    example: str
    options: tuple[Option, ...]

    def option(self, value: str) -> Option:
        """Raises KeyError for an answer that cannot be given."""
        for option in self.options:
            if option.value == value:
                return option
        raise KeyError(f"{self.key} cannot be answered with {value}")


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "failure",
        "What goes wrong",
        "What goes wrong today?",
        "Missing information is a data problem; a wrong form, tone or decision is a behaviour problem.",
        "“It does not know our return policy” against “It knows it, and answers in the wrong form”.",
        (
            Option("information", "It lacks information", 3, -2, "what goes wrong is missing information"),
            Option("behaviour", "It behaves wrongly", -2, 3, "what goes wrong is behaviour"),
            Option("both", "Both", 2, 2, "both information and behaviour are missing"),
            Option("unknown", "Nobody knows yet"),
        ),
    ),
    Criterion(
        "prompting",
        "Prompting was exhausted",
        "Is prompting exhausted?",
        "A better prompt with a few examples costs an afternoon and nothing afterwards.",
        "Ten versions of the prompt were tried on the same twenty questions.",
        (
            Option("yes", "Yes, it was tried in earnest"),
            Option("no", "No, or hardly"),
        ),
    ),
    Criterion(
        "change",
        "Facts change",
        "How often does the knowledge change, and how fast must a change show?",
        "A document is indexed in seconds; an adapter is trained anew, and what it learned stays in it.",
        "Prices change monthly and must be right the next morning.",
        (
            Option(
                "never",
                "Hardly ever",
                0,
                1,
                "the knowledge is stable, so what is learned stays true",
                short="never",
            ),
            Option("monthly", "Monthly", 2, -1, "the knowledge changes"),
            Option("daily", "Daily, or it must show within hours", 3, -2, "changes must show at once"),
        ),
    ),
    Criterion(
        "citations",
        "Sources must be shown",
        "Must answers name their sources?",
        "What was looked up can be cited; what is in the weights cannot.",
        "A lawyer has to see the paragraph.",
        (
            Option("yes", "Yes", 3, -1, "answers must name their sources"),
            Option("nice", "It would be nice", 1, 0, "sources would help", short="nice to have"),
            Option("no", "No"),
        ),
    ),
    Criterion(
        "access",
        "Who may see what",
        "May everybody see everything?",
        "A search leaves out what a person may not see; an adapter says what it learned to anyone.",
        "Each customer may only hear of their own accounts.",
        (
            Option("everything", "Yes", short="everybody"),
            Option(
                "restricted",
                "No, it depends on who asks",
                3,
                -3,
                "not everybody may see everything",
                short="depends",
            ),
        ),
    ),
    Criterion(
        "removal",
        "Items must be removable",
        "Must single items be removable, with proof?",
        "A deleted document is gone from the index; nobody can show that an adapter has forgotten it.",
        "A customer asks that their data be erased.",
        (
            Option("yes", "Yes", 2, -3, "items must be removable"),
            Option("no", "No"),
        ),
    ),
    Criterion(
        "narrow",
        "A narrow task",
        "Is the task narrow, with outputs that are alike?",
        "A narrow task with few kinds of output is what tuning learns best.",
        "Messages are sorted into forty queues.",
        (
            Option("yes", "Yes", 0, 2, "the task is narrow and its outputs are alike"),
            Option("partly", "Partly", 0, 1, "part of the task is narrow"),
            Option("no", "No, it is open", 0, -1, "the task is open"),
        ),
    ),
    Criterion(
        "style",
        "A house style or format",
        "Is style, tone or format critical?",
        "A prompt can ask for a form; tuning makes it a habit.",
        "Every report has the same five headings in the same order.",
        (
            Option("critical", "Yes, nothing else is acceptable", 0, 3, "form is critical", short="critical"),
            Option("matters", "It matters", 0, 1, "form matters", short="matters"),
            Option("no", "No"),
        ),
    ),
    Criterion(
        "vocabulary",
        "Unusual vocabulary",
        "Is the domain's vocabulary unusual?",
        "A model that never saw the words searches and answers past them; tuning teaches them.",
        "Internal codes, abbreviations, a dialect.",
        (
            Option("yes", "Yes, very", 0, 2, "the vocabulary is unusual"),
            Option("partly", "Partly", 0, 1, "part of the vocabulary is unusual"),
            Option("no", "No"),
        ),
    ),
    Criterion(
        "examples",
        "Good examples",
        "How many good examples of input and output are there?",
        "Examples are what tuning is made of: some hundred consistent ones are a start.",
        "Five hundred answers that an expert has checked.",
        (
            Option(
                "none",
                "Fewer than 50",
                0,
                -3,
                "there are hardly any examples to learn from",
                short="under 50",
            ),
            Option("some", "50 to 500", 0, 0, "", short="50 to 500"),
            Option(
                "many", "More than 500, consistent", 0, 2, "there are many good examples", short="over 500"
            ),
            Option(
                "noisy",
                "Many, but they contradict each other",
                0,
                -1,
                "the examples contradict each other",
                short="contradictory",
            ),
        ),
    ),
    Criterion(
        "latency",
        "Waiting time",
        "How long may an answer take?",
        "Looking up and reading passages costs time with every question; an adapter costs none.",
        "A suggestion while somebody types.",
        (
            Option("strict", "Less than half a second", -1, 1, "answers must come at once", short="at once"),
            Option("normal", "Some seconds", short="seconds"),
            Option("any", "As long as it takes", short="any time"),
        ),
    ),
    Criterion(
        "volume",
        "Questions a month",
        "How many calls a month?",
        "Passages make every prompt longer; at many calls a trained adapter with a short prompt pays off.",
        "Two million calls a month.",
        (
            Option(
                "few", "Fewer than 10,000", 0, -1, "few calls do not pay for a training", short="under 10,000"
            ),
            Option("some", "10,000 to a million", short="to a million"),
            Option(
                "many",
                "More than a million",
                -1,
                2,
                "at many calls a short prompt pays off",
                short="over a million",
            ),
        ),
    ),
    Criterion(
        "budget",
        "Scarce budget",
        "Which budget is the scarce one?",
        "Retrieval costs little at once and something with every call; tuning the other way round.",
        "There is money for one project, none for running it.",
        (
            Option(
                "start", "What it costs to begin", 1, -1, "there is little to begin with", short="to begin"
            ),
            Option("running", "What it costs to run", -1, 1, "running costs are what counts", short="to run"),
            Option("neither", "Neither"),
        ),
    ),
    Criterion(
        "breadth",
        "Large and diverse knowledge",
        "Is the knowledge large and diverse?",
        "Thousands of pages do not fit into an adapter, and most of them are hardly ever asked for.",
        "Manuals of two hundred products.",
        (
            Option("yes", "Yes", 2, -1, "the knowledge is large and diverse"),
            Option("no", "No, it fits on some pages", -1, 0, "the knowledge fits into a prompt"),
        ),
    ),
    Criterion(
        "explain",
        "Decisions must be explained",
        "Must decisions be explainable?",
        "A passage that was read is a reason; a weight is none.",
        "An auditor asks why a claim was refused.",
        (
            Option("yes", "Yes", 2, -1, "decisions must be explainable"),
            Option("no", "No"),
        ),
    ),
)
"""In the order in which they are asked."""
