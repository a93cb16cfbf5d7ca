import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from playground.chunking import Chunk
from playground.config import ChunkingConfig
from playground.documents import Document, Page
from playground.errors import PlaygroundError
from playground.index import Index, IndexProgress, fingerprint
from playground.index import index as module
from playground.index.catalogue import Catalogue
from playground.index.dense import DenseIndex
from playground.index.embedding_cache import EmbeddingCache, text_hash
from playground.index.index import IndexCounts, write_at_once
from tests.fakes import FakeEncoder
from tests.homes import document, paragraphs

CHUNKING = ChunkingConfig(size=20, prefix=False)


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "embeddings.sqlite")


def open_index(folder: Path, chunking: ChunkingConfig = CHUNKING) -> Index:
    name = fingerprint(chunking, "fake")
    return Index(folder / name, chunking, "fake", folder / "chroma", f"test-{name}")


def fill(index: Index, cache: EmbeddingCache, *documents: Document) -> IndexProgress:
    return list(index.add(documents, FakeEncoder(), cache))[-1]


def names(index: Index, found: Sequence[tuple[int, float]]) -> list[str]:
    shown = index.chunks([key for key, _ in found])
    return [shown[key][1] for key, _ in found]


# Catalogue and cache


def test_a_chunk_comes_out_of_the_catalogue_as_it_went_in(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "chunks.sqlite")
    chunk = Chunk("d", 3, 8, "naïve", 2, (Page(1, 0, 20, "sheet", "Fees"),), ("A", "B"))
    (entry,) = catalogue.begin(Document("d", "d.xlsx", "..."), [chunk], ["Title\nnaïve"])
    assert catalogue.chunks([entry.key]) == {}
    catalogue.mark(["d"], "done")
    assert catalogue.chunks([entry.key]) == {entry.key: (chunk, "d.xlsx")}
    assert catalogue.chunks_of("d") == [chunk]
    assert (entry.searchable, entry.hash) == ("Title\nnaïve", text_hash("Title\nnaïve"))


def test_keys_are_never_used_twice(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "chunks.sqlite")
    one, other = (Document(name, name, "x") for name in "ab")
    (first,) = catalogue.begin(one, [Chunk("a", 0, 1, "x", 1)], ["x"])
    catalogue.remove(["a"])
    (second,) = catalogue.begin(other, [Chunk("b", 0, 1, "x", 1)], ["x"])
    assert second.key > first.key


def test_removing_tells_which_texts_nobody_has_any_more(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "chunks.sqlite")
    for name, texts in (("a", ["both", "only a"]), ("b", ["both"])):
        chunks = [Chunk(name, 0, 1, text, 1) for text in texts]
        catalogue.begin(Document(name, name, "x"), chunks, texts)
    assert catalogue.remove(["a"]) == {text_hash("only a")}


def test_the_cache_keeps_encoders_apart_and_forgets_texts_for_all(cache: EmbeddingCache) -> None:
    vector = np.array([[0.6, 0.8]], np.float32)
    cache.put("one", [text_hash("x")], vector)
    assert cache.get("other", [text_hash("x")]) == {}
    cache.put("other", [text_hash("x")], -vector)
    assert cache.get("one", [text_hash("x")])[text_hash("x")].tolist() == vector[0].tolist()
    assert cache.forget([text_hash("x"), text_hash("unknown")]) == 2
    assert (cache.count(), cache.forget([])) == (0, 0)


# The index


def test_the_fingerprint_follows_every_setting_that_decides_what_is_held() -> None:
    base = fingerprint(CHUNKING, "fake")
    assert base == fingerprint(ChunkingConfig(size=20, prefix=False), "fake")
    others = [ChunkingConfig(size=21, prefix=False), ChunkingConfig(size=20), ChunkingConfig(overlap=1)]
    assert len({base, fingerprint(CHUNKING, "other"), *(fingerprint(each, "fake") for each in others)}) == 5


def test_adding_counts_chunks_and_ends_with_all(tmp_path: Path, cache: EmbeddingCache) -> None:
    index = open_index(tmp_path)
    steps = list(
        index.add(
            [document("a.md", paragraphs("ant", 70)), document("b.md", paragraphs("bee", 30))],
            FakeEncoder(),
            cache,
        )
    )
    assert [(step.done, step.total, step.embedded) for step in steps] == [
        (0, 70, 0),
        (0, 100, 0),
        (64, 100, 64),
        (100, 100, 100),
    ]
    assert index.counts() == IndexCounts(100, 100, 100)
    assert sorted(index.chunk_counts().values()) == [30, 70]


def test_progress_tells_speed_and_time_left() -> None:
    step = IndexProgress(done=50, total=200, embedded=50, seconds=2.0)
    assert (step.chunks_per_second, step.seconds_left) == (25.0, 6.0)
    assert IndexProgress(0, 200, 0, 0.0).seconds_left == 0.0


def test_the_same_text_twice_is_embedded_once(tmp_path: Path, cache: EmbeddingCache) -> None:
    text = paragraphs("ant", 3)
    index = open_index(tmp_path)
    end = fill(index, cache, document("a.md", text), document("b.md", text))
    assert (end.total, end.embedded, cache.count()) == (6, 3, 3)


def test_a_document_without_text_is_in_with_no_chunk(tmp_path: Path, cache: EmbeddingCache) -> None:
    index = open_index(tmp_path)
    blank = document("blank.md", "  \n ")
    fill(index, cache, blank)
    assert index.chunk_counts() == {blank.id: 0}


def test_nothing_is_found_before_it_is_wholly_in(tmp_path: Path, cache: EmbeddingCache) -> None:
    index = open_index(tmp_path)
    fill(index, cache, document("old.md", "ant0a is old news"))
    steps = index.add([document("new.md", "ant0a ant0a.\n\n" + paragraphs("ant", 200))], FakeEncoder(), cache)
    vector = FakeEncoder().encode(["ant0a"])[0]
    for step in steps:
        if step.done < step.total:
            assert names(index, index.dense_search(vector, 3)) == ["old.md"]
            assert names(index, index.keyword_search("ant0a", 3)) == ["old.md"]
    assert names(index, index.keyword_search("ant0a", 3))[0] == "new.md"


def test_a_document_that_is_removed_while_it_is_added_leaves_nothing(
    tmp_path: Path, cache: EmbeddingCache
) -> None:
    index = open_index(tmp_path)
    gone, stays = document("gone.md", paragraphs("ant", 150)), document("stays.md", paragraphs("bee", 5))
    steps = index.add([gone, stays], FakeEncoder(), cache)
    while next(steps).done == 0:
        pass
    cache.forget(index.remove([gone.id]))
    end = list(steps)[-1]
    assert (end.done, end.total) == (155, 155)
    assert index.counts() == IndexCounts(5, 5, 5)
    assert index.counts_of([gone.id]) == IndexCounts(0, 0, 0)
    assert cache.count() == 5


def test_a_document_that_is_not_wanted_any_more_is_passed_over(tmp_path: Path, cache: EmbeddingCache) -> None:
    index = open_index(tmp_path)
    one, other = document("a.md", "ant"), document("b.md", "bee")
    list(index.add([one, other], FakeEncoder(), cache, wanted=lambda each: each == other.id))
    assert index.chunk_counts() == {other.id: 1}


def test_leaving_early_keeps_what_was_finished_and_takes_back_the_rest(
    tmp_path: Path, cache: EmbeddingCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SORTED_TOGETHER", 64)
    index = open_index(tmp_path)
    short, long = document("short.md", paragraphs("ant", 10)), document("long.md", paragraphs("bee", 200))
    steps = index.add([short, long], FakeEncoder(), cache)
    while next(steps).done == 0:
        pass
    steps.close()
    assert index.chunk_counts() == {short.id: 10}
    assert (index.counts().dense, index.counts().keyword) == (10, 10)
    assert cache.count() == 64
    end = list(index.add([long], FakeEncoder(), cache))[-1]
    assert (end.total, end.embedded) == (200, 146)
    assert index.counts() == IndexCounts(210, 210, 210)


def test_a_failing_encoder_leaves_no_half_document(tmp_path: Path, cache: EmbeddingCache) -> None:
    class Failing(FakeEncoder):
        def encode(self, texts: Sequence[str], query: bool = False) -> np.ndarray:
            if self.encoded:
                raise PlaygroundError("no more")
            return super().encode(texts, query)

    index = open_index(tmp_path)
    with pytest.raises(PlaygroundError, match="no more"):
        list(index.add([document("a.md", paragraphs("ant", 100))], Failing(), cache))
    assert (index.counts().dense, index.counts().keyword, index.chunk_counts()) == (0, 0, {})
    assert index.keyword_search("ant0a", 5) == []


def test_a_hundred_results_remain_after_most_chunks_were_deleted(
    tmp_path: Path,
) -> None:
    dense = DenseIndex(tmp_path / "chroma", "many")
    vectors = np.random.default_rng(0).standard_normal((1500, 16)).astype(np.float32)
    dense.add(range(1500), vectors, ["d"] * 1500)
    dense.delete(range(100, 1500))
    assert sorted(key for key, _ in dense.search(vectors[0], 100)) == list(range(100))


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_at_once(tmp_path / "about.json", "old")
    write_at_once(tmp_path / "about.json", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("about.json", "new")]


# A Chroma server


@pytest.fixture(scope="module")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen, str]]:
    import socket
    from urllib.request import urlopen

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(folder)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"ANONYMIZED_TELEMETRY": "False"},
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urlopen(f"{url}/api/v2/heartbeat", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield process, url
    process.kill()
    process.wait()


def test_a_chroma_server_holds_the_vectors_until_it_is_gone(
    chroma_server: tuple[subprocess.Popen, str],
    tmp_path: Path,
    cache: EmbeddingCache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process, url = chroma_server
    monkeypatch.setenv("PLAYGROUND_CHROMA_URL", url)
    index = open_index(tmp_path)
    one, other = document("a.md", paragraphs("ant", 3)), document("b.md", paragraphs("bee", 4))
    fill(index, cache, one, other)
    vector = FakeEncoder().encode(["bee2a bee2b"])[0]
    assert names(index, index.dense_search(vector, 1)) == ["b.md"]
    index.remove([other.id])
    assert index.counts() == IndexCounts(3, 3, 3)
    assert not (tmp_path / "chroma").exists()
    process.kill()
    process.wait()
    with pytest.raises(PlaygroundError, match="does not answer any more; start it, or unset"):
        index.dense_search(vector, 1)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9", "no Chroma server answers at PLAYGROUND_CHROMA_URL=http://127.0.0.1:9"),
        ("localhost:8000", "is not an address like http://localhost:8000"),
    ],
)
def test_a_server_that_cannot_be_reached_is_said_in_one_line(
    url: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_CHROMA_URL", url)
    with pytest.raises(PlaygroundError, match=words) as caught:
        open_index(tmp_path).counts()
    assert "\n" not in str(caught.value)
