"""Examples -> a training part and a held-out part, by input: no near-duplicate crosses.

Two inputs are near-duplicates where their sets of words are nearly the same (Jaccard similarity). Pairs are
found by prefix filtering: two sets that share enough words share one of their rarest ones (Chaudhuri, Ganti
and Kaushik, "A Primitive Operator for Similarity Joins in Data Cleaning", 2006). This module does not know
what is trained.
"""

import heapq
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.adapters.examples import Example, labelled, normalised
from playground.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_array

ALIKE = 0.8
"""From this share of common words on, two inputs are near-duplicates."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")  # kana and Han stand without spaces: one by one
_ROWS = 500
_PAIRS = 50_000


@dataclass(frozen=True)
class Split:
    """Both parts in the order of the file. `near_duplicates` counts the examples that are kept on one side
    because another one there is nearly the same; `new_outputs` the held-out ones whose output is in no
    training example, so that nothing that only chooses among learned outputs can give it."""

    training: tuple[Example, ...]
    held_out: tuple[Example, ...]
    near_duplicates: int
    new_outputs: int


def split(examples: Sequence[Example], held_out: float = 0.2, seed: int = 0) -> Split:
    """Set aside about the share `held_out`, at random but the same for the same seed; never more, unless even
    the smallest group of near-duplicates is more.

    Held out are, as evenly over the outputs as their groups allow, inputs whose output keeps a training
    example. With open outputs that may be too few: then inputs follow whose output is in no training example.
    Labelled examples never lose a label: there the held-out part stays smaller instead. Raises ConfigError
    where `held_out` is not a share.
    """
    if not 0.0 <= held_out < 1.0:
        raise ConfigError(f"held_out={held_out} is not between 0 and 1")
    numbers = near_groups([example.input for example in examples])
    groups: dict[int, list[int]] = defaultdict(list)
    for index, number in enumerate(numbers):
        groups[number].append(index)
    outputs = [example.output for example in examples]
    taken = _Choice(list(groups.values()), outputs, held_out, random.Random(seed)).indices()
    training = tuple(example for index, example in enumerate(examples) if index not in taken)
    trained = {example.output for example in training}
    return Split(
        training,
        tuple(example for index, example in enumerate(examples) if index in taken),
        sum(len(group) for group in groups.values() if len(group) > 1),
        sum(outputs[index] not in trained for index in taken),
    )


def near_groups(texts: Sequence[str]) -> list[int]:
    """For each text the number of its group: near-duplicates, and near-duplicates of these, are one group."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sets = [words(text) for text in texts]
    distinct = {each: number for number, each in enumerate(dict.fromkeys(sets))}
    labels = np.arange(len(distinct))
    for pairs in _near_pairs(list(distinct), labels):
        links = coo_array((np.ones(len(pairs)), labels[pairs].T), shape=(len(labels), len(labels)))
        labels[:] = connected_components(links, directed=False)[1][labels]
    return [int(labels[distinct[each]]) for each in sets]


def near_matches(texts: Sequence[str], others: Sequence[str]) -> list[bool]:
    """For each text whether one of `others` is the same or a near-duplicate."""
    import numpy as np

    sets = [words(text) for text in (*texts, *others)]
    found: set[int] = set()
    for pairs in _near_pairs(sets, np.arange(len(sets)) < len(texts)):
        found.update(int(number) for number in pairs.ravel())
    return [number in found for number in range(len(texts))]


def words(text: str) -> frozenset[str]:
    """The words of a text, of which only the set counts; a text without any is its own word."""
    plain = normalised(text)
    return frozenset(_WORD.findall(plain)) or frozenset([plain])


class _Choice:
    """Which examples are held out: whole groups, always next from the output that lacks most of its share."""

    def __init__(
        self, groups: list[list[int]], outputs: Sequence[str], share: float, chance: random.Random
    ) -> None:
        self._groups = groups
        self._outputs = outputs
        self._share = share
        self._labelled = labelled([Example("", output) for output in outputs])
        self._total = Counter(outputs)
        self._left = Counter(outputs)
        self._most = max(round(share * len(outputs)), 1) if share and len(groups) > 1 else 0
        self._order = chance.sample(range(len(groups)), len(groups))
        self._taken: set[int] = set()

    def indices(self) -> set[int]:
        self._take_by_output()
        if not self._labelled:
            for number in self._order:
                self._take(number, lose_outputs=True)
        if self._most and not self._taken:
            self._take_smallest()
        return self._taken

    def _take_by_output(self) -> None:
        waiting: dict[str, list[int]] = {}
        for number in self._order:
            for output in dict.fromkeys(self._outputs[index] for index in self._groups[number]):
                waiting.setdefault(output, []).append(number)
        heap = [(self._held_more(output), place, output) for place, output in enumerate(waiting)]
        heapq.heapify(heap)
        while heap and len(self._taken) < self._most:
            known, place, output = heapq.heappop(heap)
            if known == (now := self._held_more(output)):
                if not waiting[output]:
                    continue
                self._take(waiting[output].pop())
                now = self._held_more(output)
            heapq.heappush(heap, (now, place, output))

    def _held_more(self, output: str) -> float:
        """How many examples of this output are held out beyond its share."""
        return self._total[output] * (1 - self._share) - self._left[output]

    def _take(self, number: int, lose_outputs: bool = False) -> None:
        """Hold a group out, unless it is too large or taken, or would leave an output without training."""
        group = self._groups[number]
        counts = Counter(self._outputs[index] for index in group)
        keeps = all(self._left[output] > count for output, count in counts.items())
        fits = len(self._taken) + len(group) <= self._most
        if fits and (keeps or lose_outputs) and group[0] not in self._taken:
            self._taken.update(group)
            self._left -= counts

    def _take_smallest(self) -> None:
        """Where every group is larger than the held-out part was to be."""
        for number in sorted(self._order, key=lambda number: len(self._groups[number])):
            self._most = len(self._groups[number])
            if self._most * 2 <= len(self._outputs) and not self._taken:
                self._take(number, lose_outputs=not self._labelled)


def _near_pairs(sets: Sequence[frozenset[str]], parts: "np.ndarray") -> "Iterator[np.ndarray]":
    """Numbers of sets that are alike, as arrays of shape (pairs, 2), some at a time. Only pairs of different
    `parts` are looked at; whoever reads the pairs may change `parts` meanwhile."""
    import numpy as np
    from scipy.sparse import triu

    if not sets:
        return
    members, prefixes = _matrices(sets)
    sizes = np.diff(members.indptr)
    beyond = sizes - np.diff(prefixes.indptr)
    last = prefixes.indices[prefixes.indptr[1:] - 1]
    other = prefixes.T.tocsc()
    for start in range(0, len(sets), _ROWS):
        candidates = triu(prefixes[start : start + _ROWS] @ other[:, start:], k=1).tocoo()
        rows, columns = candidates.row + start, candidates.col + start
        needed = ALIKE / (1 + ALIKE) * (sizes[rows] + sizes[columns]) - 1e-9
        # What is common beyond the rarest words of the one whose rarest words end first lies beyond them.
        most = candidates.data + np.where(last[rows] <= last[columns], beyond[rows], beyond[columns])
        possible = np.flatnonzero(most >= needed)
        for first in range(0, len(possible), _PAIRS):
            chosen = possible[first : first + _PAIRS]
            chosen = chosen[parts[rows[chosen]] != parts[columns[chosen]]]
            common = members[rows[chosen]].multiply(members[columns[chosen]]).sum(axis=1)
            chosen = chosen[common >= needed[chosen]]
            if len(chosen):
                yield np.stack([rows[chosen], columns[chosen]], axis=1)


def _matrices(sets: Sequence[frozenset[str]]) -> "tuple[csr_array, csr_array]":
    """(all words, the rarest words) of each set as rows of ones. Two sets that are alike share one of the
    rarest: of n words at least the share `ALIKE` is common, so the first n - ceil(ALIKE * n) + 1 hold one."""
    import numpy as np
    from scipy.sparse import csr_array

    frequency = Counter(word for each in sets for word in each)
    rank = {
        word: place for place, word in enumerate(sorted(frequency, key=lambda word: (frequency[word], word)))
    }
    rows = [sorted(rank[word] for word in each) for each in sets]
    rarest = [row[: len(row) - math.ceil(ALIKE * len(row) - 1e-9) + 1] for row in rows]

    def matrix(rows: list[list[int]]) -> csr_array:
        columns = np.array([column for row in rows for column in row], dtype=np.int64)
        starts = np.cumsum([0, *map(len, rows)])
        return csr_array((np.ones(len(columns), np.int32), columns, starts), shape=(len(rows), len(rank)))

    return matrix(rows), matrix(rarest)
