"""Rerankers behind Cohere's API: Cohere itself, and vLLM and others that speak it.

It knows what the API promises and holds the server to it. Keys are put on the requests by
`playground.servers`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING, Any

from playground import credentials, servers
from playground.config import RerankingConfig
from playground.retrieval import Hit

if TYPE_CHECKING:
    from cohere import ClientV2

DOCUMENTS_PER_CALL = 1000
"""What Cohere recommends as the most; a document's score does not depend on the others of its call."""


class RerankServer:
    """Scores of relevance from 0 to 1, from the model `config.model` of the server at `config.address`."""

    def __init__(self, config: RerankingConfig) -> None:
        """Raises ConfigError for a server that nobody here has added."""
        self._address = config.address or credentials.COHERE_ADDRESS
        self._model = config.model
        credentials.require_known(self._address)
        self._client = self._load_client()

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """See `Reranker.score`. Raises ServerError with the reason in one line."""
        credentials.require_known(self._address)
        credentials.key_for(self._address)  # raises here, in one line, where the key cannot be sent
        texts = [hit.chunk.text for hit in hits]
        calls = [texts[at : at + DOCUMENTS_PER_CALL] for at in range(0, len(texts), DOCUMENTS_PER_CALL)]
        return [score for documents in calls for score in self._call(question, documents)]

    def _call(self, question: str, documents: list[str]) -> list[float]:
        with _failures(self._address):
            response = self._client.rerank(
                model=self._model, query=question, documents=documents, top_n=len(documents)
            )
        results = getattr(response, "results", None)
        return _in_order(results if isinstance(results, list) else [], len(documents), self._address)

    def _load_client(self) -> "ClientV2":
        import cohere
        import httpx

        settings = servers.client_settings(self._address)
        settings["event_hooks"]["response"].append(self._do_not_wait_long)
        timeout = httpx.Timeout(servers.SILENCE_SECONDS, connect=servers.CONNECT_SECONDS)
        return cohere.ClientV2(
            api_key=servers.PLACEHOLDER,
            base_url=_base(self._address),
            max_retries=servers.RETRIES,
            httpx_client=httpx.Client(timeout=timeout, **settings),
        )

    def _do_not_wait_long(self, response: Any) -> None:
        """The client would sleep for as long as it is told."""
        if response.status_code >= 400 and servers.wants_long_pause(response.headers):
            response.read()
            raise servers.refusal(
                self._address, response.status_code, _json_or_text(response), dict(response.headers)
            )


def _base(address: str) -> str:
    """The address without the version, which the client adds itself."""
    address = address.rstrip("/")
    return address[:-3] if address.endswith(("/v1", "/v2")) else address


@contextmanager
def _failures(address: str) -> Iterator[None]:
    """Turn the client's errors into a Failure of one line."""
    import httpx
    from cohere.core.api_error import ApiError
    from cohere.core.parse_error import ParsingError

    try:
        yield
    except httpx.ConnectTimeout:
        raise servers.unreachable(address) from None
    except httpx.TimeoutException:
        raise servers.silent(address) from None
    except httpx.TransportError:
        raise servers.unreachable(address) from None
    except ApiError as error:
        status = error.status_code or 500
        if status == 200:
            raise servers.undocumented(address, "scores") from None
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        raise servers.refusal(address, status, error.body, headers) from None
    except (ParsingError, ValueError, TypeError):  # what came was not in the form of the API
        raise servers.undocumented(address, "scores") from None


def _in_order(results: Sequence[Any], count: int, address: str) -> list[float]:
    """The scores in the order of the documents. Raises Failure unless there is exactly one for each."""
    scores: dict[int, float] = {}
    for result in results:
        index: Any = getattr(result, "index", None)
        score: Any = getattr(result, "relevance_score", None)
        if type(index) is not int or not 0 <= index < count or index in scores:
            raise servers.undocumented(address, f"one score for each of {count} passages")
        if type(score) not in (int, float) or not isfinite(score):
            raise servers.undocumented(address, "scores that are numbers")
        scores[index] = float(score)
    if len(scores) < count:
        raise servers.undocumented(
            address, f"a score for each of {count} passages (there were {len(scores)})"
        )
    return [scores[index] for index in range(count)]


def _json_or_text(response: Any) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text
