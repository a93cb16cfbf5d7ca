"""What the tests of the endpoint engine share: a question, its passages, and an engine that asks a server."""

from playground.chunking.chunk import Chunk
from playground.config import EngineConfig, PromptConfig
from playground.engines.endpoint import EndpointEngine
from playground.retrieval import Hit, StageScore
from tests.servers import LoopbackServer

QUESTION = "How long may a laptop be returned?"
KEY = "sk-q8Zt-51aa"
HITS = [
    Hit(Chunk(f"d{number}", 10, 10 + len(text), text, 5), f"{number}.md", fused=StageScore(1.0, number))
    for number, text in enumerate(
        ["A laptop may be returned within 14 days.", "Tea is green.", "It rains."], 1
    )
]


def engine(server: LoopbackServer, adapter: str = "", **settings: object) -> EndpointEngine:
    values: dict = {"model": "base", "address": server.address, **settings}
    return EndpointEngine(EngineConfig(name="endpoint", **values), PromptConfig(), adapter)
