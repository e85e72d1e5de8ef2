"""Random image-text-to-text models of well-known architectures, made on the spot in a second."""

import sys

import torch

OPERATORS = torch.library.Library("torchvision", "FRAGMENT")

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for c in m.content %}"
    "{% if c.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ c.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def load_torchvision():
    """Whether torchvision, which the Qwen-VL processors need, can be imported.

    One that was built for CUDA beside a torch that was not lacks two operators that no test needs.
    """
    for _ in range(2):
        try:
            import torchvision  # noqa: F401
        except ImportError:
            return False
        except RuntimeError:
            for name in [name for name in sys.modules if name.startswith("torchvision")]:
                del sys.modules[name]
            for name in ("nms", "qnms"):
                OPERATORS.define(f"{name}(Tensor dets, Tensor scores, float threshold) -> Tensor")
        else:
            return True
    return False


def tokenizer():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(
        ["waypoints"], trainers.BpeTrainer(special_tokens=SPECIAL, initial_alphabet=alphabet)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens={"image_token": "<|image_pad|>", "video_token": "<|video_pad|>"},
        chat_template=TEMPLATE,
    )


def ids(words):
    names = {"image": "<|image_pad|>", "video": "<|video_pad|>"}
    names |= {"vision_start": "<|vision_start|>", "vision_end": "<|vision_end|>"}
    return {f"{k}_token_id": words.convert_tokens_to_ids(v) for k, v in names.items()}


def text_config(words, **more):
    return {
        "vocab_size": len(words),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": 4096,
        "bos_token_id": None,
        "eos_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
        **more,
    }


def llava(folder):
    import transformers as t

    words = tokenizer()
    vision = t.CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
    )
    config = t.LlavaConfig(
        vision_config=vision,
        text_config=t.LlamaConfig(**text_config(words)),
        image_token_index=words.convert_tokens_to_ids("<|image_pad|>"),
        vision_feature_select_strategy="default",
        image_coordinates="thousand",
    )
    side = {"height": 56, "width": 56}
    images = t.CLIPImageProcessor(size=side, crop_size=side, do_center_crop=False)
    processor = t.LlavaProcessor(
        images,
        words,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )
    return save(folder, processor, t.LlavaForConditionalGeneration(config))


def qwen2_5_vl(folder):
    import transformers as t

    words = tokenizer()
    config = t.Qwen2_5_VLConfig(
        text_config=text_config(
            words,
            rope_parameters={
                "rope_type": "default",
                "rope_theta": 1e4,
                "mrope_section": [2, 3, 3],
            },
        ),
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
        },
        **ids(words),
    )
    images = t.Qwen2VLImageProcessor(min_pixels=28 * 28 * 4, max_pixels=28 * 28 * 40)
    processor = t.Qwen2_5_VLProcessor(images, words, t.Qwen2VLVideoProcessor(), TEMPLATE)
    return save(folder, processor, t.Qwen2_5_VLForConditionalGeneration(config))


def qwen3_vl(folder):
    import transformers as t

    words = tokenizer()
    config = t.Qwen3VLConfig(
        text_config=text_config(
            words,
            head_dim=16,
            rope_parameters={
                "rope_type": "default",
                "rope_theta": 1e4,
                "mrope_section": [2, 3, 3],
                "mrope_interleaved": True,
            },
        ),
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        **ids(words),
    )
    images = t.Qwen2VLImageProcessor(patch_size=16, min_pixels=32 * 32 * 4, max_pixels=32 * 32 * 40)
    processor = t.Qwen3VLProcessor(images, words, t.Qwen3VLVideoProcessor(), TEMPLATE)
    return save(folder, processor, t.Qwen3VLForConditionalGeneration(config))


def save(folder, processor, model):
    processor.save_pretrained(folder)
    model.save_pretrained(folder)
    return str(folder)
