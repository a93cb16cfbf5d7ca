"""The four approaches to labelled messages, on an encoder whose vectors are counted words."""

import threading
from collections.abc import Sequence
from math import exp

import numpy as np
import pytest

from playground.adapters.examples import Example
from playground.adapters.outputs import LearnedOutputs
from playground.engines import labelled_vectors as vectors_module
from playground.engines.labelled import NEAREST, NONE_OF_THESE, LabelledEngine
from playground.engines.labelled_vectors import labelled_vectors
from playground.errors import InputError
from tests.fakes import FakeEncoder

EXAMPLES = [
    Example("parcel late", "delivery"),
    Example("parcel lost", "delivery"),
    Example("where is my parcel", "delivery"),
    Example("password forgotten", "login"),
    Example("password wrong", "login"),
    Example("cannot login password", "login"),
    Example("money back please", "refund_request"),
    Example("want money back", "refund_request"),
    Example("refund my money", "refund_request"),
]
OUTPUTS = ("delivery", "login", "refund_request")


class WordEncoder(FakeEncoder):
    """As the fake one, with room enough that no two words share an axis by chance."""

    def __init__(self, id: str = "words") -> None:
        super().__init__(dimension=4096, id=id)


class TunedEncoder(WordEncoder):
    """Has learned that broken things are about money back, and says so with half its weight."""

    def encode(self, texts: Sequence[str], query: bool = False) -> np.ndarray:
        return super().encode([text.replace("broken", "refund request") for text in texts], query)


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors_module._kept.clear()


@pytest.fixture
def learned() -> LearnedOutputs:
    return LearnedOutputs(OUTPUTS, WordEncoder().encode(["delivery", "login", "refund request"]), 0.3)


def prompt_only(encoder: FakeEncoder | None = None) -> LabelledEngine:
    return LabelledEngine(encoder or WordEncoder(), EXAMPLES, retrieval=False)


def rag(encoder: FakeEncoder | None = None) -> LabelledEngine:
    return LabelledEngine(encoder or WordEncoder(), EXAMPLES, retrieval=True)


def test_prompt_only_is_the_output_whose_text_is_nearest() -> None:
    decision = prompt_only().decide("my login")

    assert (decision.output, decision.neighbours) == ("login", ())
    assert decision.score == pytest.approx(2**-0.5)


def test_an_output_for_machines_is_compared_by_its_words() -> None:
    assert prompt_only().decide("a refund").output == "refund_request"


def test_rag_is_a_vote_in_which_the_near_count_more() -> None:
    decision = rag().decide("parcel late")

    assert decision.output == "delivery"
    assert decision.score == pytest.approx(1.0)
    first, second = decision.neighbours[:2]
    assert (first.input, first.output, second.input) == ("parcel late", "delivery", "parcel lost")
    assert (first.score, second.score) == pytest.approx((1.0, 0.5))
    assert len(decision.neighbours) == len(EXAMPLES)


def test_the_name_of_an_output_votes_too_but_is_no_neighbour() -> None:
    decision = rag().decide("refund request")

    # "refund my money" says half as much about it as the name itself, "money back please" nothing.
    assert (decision.output, decision.score) == ("refund_request", pytest.approx(1.0))
    assert decision.neighbours[0].input == "refund my money"
    assert decision.neighbours[0].score == pytest.approx(6**-0.5)
    assert len(decision.neighbours) == len(EXAMPLES)


def test_the_weight_of_a_vote_is_the_exponential_of_its_cosine() -> None:
    known = labelled_vectors(WordEncoder(), EXAMPLES)

    nearest, scores = known.nearest(WordEncoder().encode(["parcel password"])[0], 3)
    shares = known.shares(nearest, scores)

    # Two words of two are half the way to "parcel late", "parcel lost" and "password forgotten".
    assert scores == pytest.approx([0.5, 0.5, 0.5])
    assert sum(shares.values()) == pytest.approx(1.0)
    assert sorted(shares.values()) == pytest.approx([1 / 3, 2 / 3])
    near_and_far = known.shares(np.array([0, 3]), np.array([0.56, 0.5]))
    assert near_and_far["delivery"] == pytest.approx(exp(1) / (exp(1) + 1))


def test_an_answer_names_the_engine_the_adapter_and_the_neighbours(learned: LearnedOutputs) -> None:
    said: list[str] = []
    engine = LabelledEngine(WordEncoder(), EXAMPLES, True, TunedEncoder("tuned"), learned, "Tone")

    answer = engine.answer("refund request please", (), said.append)

    assert said == [answer.text] == ["refund_request"]
    assert (answer.engine, answer.adapter, answer.abstained) == ("extractive", "Tone", False)
    assert answer.neighbours[0].output == "refund_request"
    assert set(answer.timings) == {"embed_query", "dense", "generation"}
    assert all(milliseconds >= 0 for milliseconds in answer.timings.values())
    assert rag().answer("parcel", ()).adapter == ""


def test_fine_tuned_is_the_learned_output_that_is_nearest_as_the_tuned_encoder_sees_it(
    learned: LearnedOutputs,
) -> None:
    engine = LabelledEngine(WordEncoder(), [], False, TunedEncoder("tuned"), learned, "Tone")

    decision = engine.decide("broken")

    assert (decision.output, decision.neighbours) == ("refund_request", ())
    assert decision.score == pytest.approx(1.0)
    assert prompt_only().decide("broken").score == 0


def test_both_interpolate_so_that_the_surer_side_wins(learned: LearnedOutputs) -> None:
    engine = LabelledEngine(WordEncoder(), EXAMPLES, True, TunedEncoder("tuned"), learned, "Tone")

    # The examples know nothing of broken things, the adapter nothing of parcels.
    assert engine.decide("broken").output == "refund_request"
    assert engine.decide("parcel lost").output == "delivery"


def test_both_hold_the_interpolated_score_against_the_interpolated_threshold(
    learned: LearnedOutputs,
) -> None:
    engine = LabelledEngine(WordEncoder(), EXAMPLES, True, TunedEncoder("tuned"), learned, "Tone")
    vote = rag().decide("parcel lost")

    decision = engine.decide("parcel lost")

    assert decision.score == pytest.approx(0.5 * 0.0 + 0.5 * vote.score)
    assert decision.threshold == pytest.approx(0.5 * 0.3 + 0.5 * vote.threshold)


def test_an_output_that_only_one_side_knows_can_win(learned: LearnedOutputs) -> None:
    examples = [*EXAMPLES, Example("open on sunday", "hours"), Example("open at night", "hours")]
    engine = LabelledEngine(WordEncoder(), examples, True, TunedEncoder("tuned"), learned, "Tone")

    assert engine.decide("open at night").output == "hours"


@pytest.mark.parametrize("engine", [prompt_only, rag])
def test_an_input_unlike_all_is_answered_with_none_of_these(engine: type) -> None:
    answer = engine().answer("volcano", ())

    assert answer.abstained
    assert answer.text.startswith(f"{NONE_OF_THESE}\n{NEAREST} ")
    assert answer.text.rsplit(" ", 1)[1] in OUTPUTS
    assert answer.confidence == 0


def test_the_tuned_side_abstains_below_the_threshold_that_came_with_it(learned: LearnedOutputs) -> None:
    engine = LabelledEngine(WordEncoder(), [], False, TunedEncoder("tuned"), learned, "Tone")

    assert engine.decide("volcano").abstained
    assert not engine.decide("broken").abstained


def test_known_inputs_are_not_refused() -> None:
    assert not any(rag().decide(example.input).abstained for example in EXAMPLES)


def test_examples_are_embedded_once_for_all_engines_and_again_when_they_differ() -> None:
    encoder = WordEncoder()
    for _ in range(2):
        rag(encoder).decide("parcel")
        prompt_only(encoder).decide("parcel")
    inputs = [example.input for example in EXAMPLES]
    assert encoder.encoded.count(inputs) == 1

    LabelledEngine(encoder, EXAMPLES[1:], True).decide("parcel")

    assert encoder.encoded.count(inputs[1:]) == 1


def test_the_same_examples_in_another_order_name_their_own_neighbours() -> None:
    encoder = WordEncoder()
    for examples in (EXAMPLES, EXAMPLES[::-1]):
        neighbour = LabelledEngine(encoder, examples, True).decide("parcel lost").neighbours[0]
        assert (neighbour.input, neighbour.output) == ("parcel lost", "delivery")


def test_another_encoder_has_its_own_vectors() -> None:
    first = labelled_vectors(WordEncoder("one"), EXAMPLES)
    assert labelled_vectors(WordEncoder("one"), EXAMPLES) is first
    assert labelled_vectors(WordEncoder("two"), EXAMPLES) is not first


def test_several_may_ask_at_once_while_the_examples_are_embedded() -> None:
    encoder = WordEncoder()
    engine, said = rag(encoder), []
    threads = [
        threading.Thread(target=lambda: said.append(engine.decide("parcel late").output)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said == ["delivery"] * 6
    assert encoder.encoded.count([example.input for example in EXAMPLES]) == 1


def test_examples_without_an_output_do_not_count() -> None:
    engine = LabelledEngine(WordEncoder(), [*EXAMPLES, Example("volcano", "")], True)
    assert engine.decide("volcano").abstained
    with pytest.raises(InputError, match="no labelled examples"):
        LabelledEngine(WordEncoder(), [Example("volcano", "")], True)


def test_an_adapter_comes_whole(learned: LearnedOutputs) -> None:
    with pytest.raises(ValueError, match="belong together"):
        LabelledEngine(WordEncoder(), EXAMPLES, True, None, learned)
    with pytest.raises(InputError, match="no labelled examples"):
        LabelledEngine(WordEncoder(), [], True, TunedEncoder("tuned"), learned)


def test_a_single_example_is_enough() -> None:
    engine = LabelledEngine(WordEncoder(), EXAMPLES[:1], True)
    assert (engine.decide("parcel").output, engine.decide("volcano").abstained) == ("delivery", False)
