"""The store of picture vectors: each content once for each model, and nothing of what is gone."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.pictures.listing import Picture
from playground.pictures.vectors import PictureVectors

ANT, BEE, CAT = (Picture(each, f"{each}.png", 10) for each in ("ant", "bee", "cat"))


def vector(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_vectors_come_back_with_their_pictures(home: Path):
    vectors = PictureVectors(home)
    vectors.put("m", ANT, b"1", vector(1, 0))
    vectors.put("m", BEE, b"2", vector(0, 1))
    found, matrix = vectors.get("m", [CAT, BEE, ANT])
    assert found == [BEE, ANT]
    assert matrix.tolist() == [[0, 1], [1, 0]]
    assert vectors.missing("m", [ANT, BEE, CAT]) == [CAT]


def test_models_do_not_see_each_others_vectors(home: Path):
    vectors = PictureVectors(home)
    vectors.put("m", ANT, b"1", vector(1, 0))
    vectors.put("n", ANT, b"1", vector(0, 1))
    assert vectors.get("m", [ANT])[1].tolist() == [[1, 0]]
    assert vectors.get("n", [ANT])[1].tolist() == [[0, 1]]
    assert vectors.missing("o", [ANT]) == [ANT]


def test_the_same_content_under_two_names_has_one_vector(home: Path):
    vectors = PictureVectors(home)
    vectors.put("m", ANT, b"1", vector(1, 0))
    assert vectors.has("m", b"1") and not vectors.has("n", b"1")
    vectors.put("m", BEE, b"1")
    assert vectors.get("m", [ANT, BEE])[1].tolist() == [[1, 0], [1, 0]]
    assert vectors.count() == 1
    assert vectors.keep_only({"bee"}) == 0
    assert vectors.keep_only(set()) == 1


def test_other_bytes_under_the_same_id_are_another_picture(home: Path):
    vectors = PictureVectors(home)
    vectors.put("m", ANT, b"1", vector(1, 0))
    changed = Picture("ant", "ant.png", 11)
    assert vectors.missing("m", [changed]) == [changed]
    assert vectors.get("m", [changed])[0] == []
    vectors.put("m", changed, b"2", vector(0, 1))
    assert (vectors.get("m", [changed])[1].tolist(), vectors.count()) == ([[0, 1]], 1)


def test_what_could_not_be_looked_at_is_neither_missing_nor_found(home: Path):
    vectors = PictureVectors(home)
    vectors.put("m", ANT, b"1")
    assert vectors.missing("m", [ANT]) == []
    assert vectors.get("m", [ANT])[0] == []


def test_deleted_vectors_are_not_on_the_disk_any_more(home: Path):
    vectors = PictureVectors(home)
    secret = np.frombuffer(b"not on the disk!", np.float32)
    vectors.put("m", ANT, b"1", secret)
    vectors.put("m", BEE, b"2", vector(0, 1))
    assert any(b"not on the disk!" in path.read_bytes() for path in home.iterdir())
    assert vectors.keep_only({"bee"}) == 1
    assert not any(b"not on the disk!" in path.read_bytes() for path in home.iterdir())


def test_asking_to_forget_makes_no_store(home: Path):
    assert PictureVectors(home).keep_only({"ant"}) == 0
    assert not home.exists()


def test_an_open_reader_does_not_stop_a_deletion(home: Path):
    vectors = PictureVectors(home)
    vectors.put("m", ANT, b"1", vector(1, 0))
    other = sqlite3.connect(home / "pictures.sqlite")
    other.execute("SELECT * FROM vectors").fetchone()
    assert vectors.keep_only(set()) == 1
    other.close()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("mn"), st.sampled_from("xyz"), st.sampled_from([1, 2])), min_size=1),
    st.sets(st.sampled_from("xyz")),
)
def test_only_the_last_content_of_what_is_kept_stays(
    tmp_path_factory: pytest.TempPathFactory, puts: list[tuple[str, str, int]], kept: set[str]
):
    vectors = PictureVectors(tmp_path_factory.mktemp("home"))
    for model, document_id, content in puts:
        vectors.put(model, Picture(document_id, "", content), b"%d" % content, vector(content))
    vectors.keep_only(kept)
    last = {document_id: content for _, document_id, content in puts if document_id in kept}
    every = [Picture(document_id, "", content) for document_id in "xyz" for content in (1, 2)]
    for model in "mn":
        found, matrix = vectors.get(model, every)
        assert {each.document_id: each.bytes for each in found}.items() <= last.items()
        assert [each.bytes for each in found] == matrix.flatten().tolist()
    model, document_id, content = puts[-1]
    assert vectors.has(model, b"%d" % content) or document_id not in kept
    assert vectors.count() <= 2 * len(set(last.values()))
