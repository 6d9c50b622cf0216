const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/** A WordPiece tokenizer that knows whole words and nothing else, in the form that sentence models bring. Pure. */
export function tokenizerFor(words: readonly string[]): {
  readonly tokenizer: object;
  readonly config: object;
  /** Text of each token by its id; the first five are not words. */
  readonly vocabulary: readonly string[];
} {
  const vocabulary = [...SPECIAL, ...words];
  const special = (name: (typeof SPECIAL)[number]) => ({ SpecialToken: { id: name, type_id: 0 } });
  const idOf = (name: (typeof SPECIAL)[number]) => ({ id: name, ids: [SPECIAL.indexOf(name)], tokens: [name] });
  const sequence = { Sequence: { id: "A", type_id: 0 } };
  return {
    vocabulary,
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: SPECIAL.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: {
        type: "TemplateProcessing",
        single: [special("[CLS]"), sequence, special("[SEP]")],
        pair: [special("[CLS]"), sequence, special("[SEP]"), { Sequence: { id: "B", type_id: 1 } }, special("[SEP]")],
        special_tokens: { "[CLS]": idOf("[CLS]"), "[SEP]": idOf("[SEP]") },
      },
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        type: "WordPiece",
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      },
    },
    config: {
      tokenizer_class: "BertTokenizer",
      do_lower_case: true,
      model_max_length: 512,
      unk_token: "[UNK]",
      sep_token: "[SEP]",
      pad_token: "[PAD]",
      cls_token: "[CLS]",
      mask_token: "[MASK]",
    },
  };
}
