"""Models of a few kilobytes with random weights, saved as real ones are: for tests of what loads and runs
them. The same call always makes the same weights. Each function writes into `path` and returns it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sentence_transformers.base.modules import Transformer
    from transformers import BertConfig, PreTrainedModel

WORDS = "the a of to in is are what when how many who where and day days week return refund laptop price"
HIDDEN = 32
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""As Qwen's: `<|im_end|>` ends every turn, and the answer."""


def tiny_cross_encoder(path: Path, labels: int = 1) -> Path:
    """A BERT with a classification head of `labels` scores."""
    from transformers import BertForSequenceClassification

    with _same_weights():
        BertForSequenceClassification(_bert_config(labels)).save_pretrained(path)
    _save_tokenizer(path)
    return path


def tiny_sentence_transformer(path: Path) -> Path:
    """Mean pooling over a BERT, as most encoders are."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    transformer = _transformer()
    SentenceTransformer(modules=[transformer, Pooling(HIDDEN)], device="cpu").save_pretrained(str(path))
    return path


def tiny_colbert(path: Path) -> Path:
    """A BERT with a projection of its tokens to 16 dimensions."""
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Dense
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
    from sentence_transformers.sentence_transformer.modules import Normalize
    from torch.nn import Identity

    transformer = _transformer()
    with _same_weights():
        projection = Dense(
            HIDDEN, 16, bias=False, activation_function=Identity(), module_input_name="token_embeddings"
        )
    mask, normalize = MultiVectorMask(), Normalize(module_input_name="token_embeddings")
    model = MultiVectorEncoder(modules=[transformer, projection, mask, normalize], device="cpu")
    model.save_pretrained(str(path))
    return path


def tiny_clip(path: Path, bare: bool = False) -> Path:
    """A CLIP model of pictures of 32 x 32 pixels and of texts letter by letter, as sentence-transformers
    saves it; `bare` is as transformers does, without the list of its parts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer

    if bare:
        return _bare_clip(path)
    with TemporaryDirectory() as folder:
        module = Transformer(str(_bare_clip(Path(folder))))
        SentenceTransformer(modules=[module], device="cpu").save_pretrained(str(path))
    return path


def tiny_bert(path: Path) -> Path:
    """A bare BERT with its tokenizer and no head."""
    from transformers import BertModel

    with _same_weights():
        BertModel(_bert_config()).save_pretrained(path)
    _save_tokenizer(path)
    return path


def tiny_causal_lm(
    path: Path, architecture: str = "qwen2", chat_template: str | None = CHAT_TEMPLATE, context: int = 2048
) -> Path:
    """A language model of about 400 kB, of the architecture "qwen2" or "llama", that reads and writes every
    text (bytes, with some common pairs as one token). It babbles, but LoRA teaches it a format from a dozen
    examples. Without `chat_template` it has none; `context` is the number of tokens that it can read."""
    tokens = _save_byte_tokenizer(path, chat_template, context)
    settings: dict[str, Any] = {
        "vocab_size": tokens,
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 128,
        "max_position_embeddings": context,
        "initializer_range": 0.1,  # with the usual 0.02 a model this small says next to nothing
        "tie_word_embeddings": True,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
    with _same_weights():
        _causal_lm(architecture, settings).save_pretrained(path)
    return path


def tiny_adapter(path: Path, base: Path, name: str = "tuned", seed: int = 1, **settings: Any) -> Path:
    """A LoRA adapter of the language model in `base` with random weights, other ones for every seed, and its
    description. `settings` are PEFT's."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from playground.adapters.card import AdapterCard
    from playground.engines.language_model import language_model_hash

    plain: dict[str, Any] = {"task_type": "CAUSAL_LM", "r": 4, "target_modules": "all-linear"}
    with _same_weights():
        model = AutoModelForCausalLM.from_pretrained(base)
        adapter = get_peft_model(model, LoraConfig(**plain | settings))
        torch.manual_seed(seed)
        for parameter_name, parameter in adapter.named_parameters():
            if "lora_" in parameter_name:
                torch.nn.init.normal_(parameter, std=0.2)
        adapter.save_pretrained(str(path))
    base_hash = language_model_hash(str(base))
    AdapterCard(
        name,
        "local_model",
        str(base),
        base_hash,
        12,
        3,
        "0" * 64,
        False,
        {},
        "2026-01-01T00:00:00+00:00",
        1.0,
    ).write(path)
    return path


def _bare_clip(path: Path) -> Path:
    from transformers import CLIPConfig, CLIPModel, CLIPProcessor, CLIPTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    marks = ["<|startoftext|>", "<|endoftext|>"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,-"
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), *marks]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    small = {"hidden_size": HIDDEN, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    first, last = (vocabulary[mark] for mark in marks)
    text = {"vocab_size": len(vocabulary), "bos_token_id": first, "eos_token_id": last, "pad_token_id": last}
    vision = {"image_size": 32, "patch_size": 8}
    config = CLIPConfig(text_config=small | text, vision_config=small | vision, projection_dim=16)
    with _same_weights():
        CLIPModel(config).save_pretrained(path)
    pictures = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    texts = CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)
    CLIPProcessor(pictures, texts).save_pretrained(path)
    return path


def _causal_lm(architecture: str, settings: dict[str, Any]) -> "PreTrainedModel":
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

    if architecture == "llama":
        return LlamaForCausalLM(LlamaConfig(**settings))
    return Qwen2ForCausalLM(Qwen2Config(**settings))


def _save_byte_tokenizer(path: Path, chat_template: str | None, context: int) -> int:
    """Byte-level pairs learned from a few sentences; the number of tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=marks, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())
    )
    tokenizer.train_from_iterator(
        [WORDS, "system user assistant passages question answer documents"], trainer
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=marks[0], eos_token=marks[2], model_max_length=context
    )
    if chat_template:
        fast.chat_template = chat_template
    fast.save_pretrained(path)
    return tokenizer.get_vocab_size()


def _transformer() -> "Transformer":
    from sentence_transformers.base.modules import Transformer

    with TemporaryDirectory() as folder:
        return Transformer(str(tiny_bert(Path(folder))))


def _bert_config(labels: int = 2) -> "BertConfig":
    from transformers import BertConfig

    settings: dict[str, Any] = {
        "vocab_size": len(_vocabulary()),
        "hidden_size": HIDDEN,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "num_labels": labels,
    }
    return BertConfig(**settings)


def _vocabulary() -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [word for word in WORDS.split() if len(word) > 1]
    return [*marks, *letters, *(f"##{letter}" for letter in letters), *".,?!-", *words]


def _save_tokenizer(path: Path) -> None:
    from transformers import BertTokenizer

    vocabulary = {token: number for number, token in enumerate(_vocabulary())}
    BertTokenizer(vocab=vocabulary, model_max_length=64).save_pretrained(path)


@contextmanager
def _same_weights() -> Iterator[None]:
    """Random numbers that are the same every time, without touching those of the test around it."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        yield
