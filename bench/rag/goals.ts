/** The floors and aims of the search, each a row of every run. They are the project's own goals. */
export interface Goal {
  readonly metric: string;
  /** least: at least the floor; most: at most; above: more than it. */
  readonly sense: "least" | "most" | "above";
  /** "run": a rival's figure of the same run. null: reported, judged by nothing. */
  readonly floor: number | "run" | null;
  readonly aim: number | null;
  readonly unit: string;
}

const least = (metric: string, floor: Goal["floor"], aim: number | null, unit = ""): Goal => ({
  metric,
  sense: "least",
  floor,
  aim,
  unit,
});
const most = (metric: string, floor: number, aim: number | null, unit: string): Goal => ({
  ...least(metric, floor, aim, unit),
  sense: "most",
});
const above = (metric: string, floor: Goal["floor"]): Goal => ({ ...least(metric, floor, null), sense: "above" });
const reported = (metric: string, unit: string): Goal => ({ metric, sense: "most", floor: null, aim: null, unit });

/** What each judged set is asked for. `wordsAim`: nDCG@10 of words alone. */
const goalsOfSet = (name: string, wordsAim: number | null) => ({
  words: least(`${name}: BM25F nDCG@10 beside MiniSearch with stop words and Porter stems`, "run", wordsAim),
  ahead: above(`${name}: auto nDCG@10 beside the best of MiniSearch, Orama, SQLite FTS5`, "run"),
  legAll: least(`${name}: auto − best single leg, nDCG@10, all questions`, -0.005, 0.02),
  legDev: least(`${name}: the same, dev half`, -0.005, 0.02),
  legTest: least(`${name}: the same, test half`, -0.005, 0.02),
  p50: most(`${name}: ten hits, p50 / that of the fastest of MiniSearch, Orama, FTS5`, 1.5, null, "×"),
  p95: most(`${name}: ten hits, p95 / that of the fastest of them`, 1.5, null, "×"),
});

/** By part of a run, in the order in which they are measured. */
export const GOALS = {
  cranfield: goalsOfSet("Cranfield", 0.41),
  memory: {
    ...goalsOfSet("memory-eval", null),
    recallAll: least("memory-eval: R@5, all questions", 0.92, 0.96),
    recallDev: least("memory-eval: R@5, dev half", 0.92, 0.96),
    recallTest: least("memory-eval: R@5, test half", 0.92, 0.96),
    exactId: least("memory-eval: exact id R@1", 1, null),
    superseded: most("memory-eval: superseded above its successor", 0, null, "times"),
  },
  recall: {
    real: least("HNSW recall@10 beside exact, as it ships, Markdown of the installed packages", 0.99, 0.995),
    published: least("the same, published MiniLM vectors", 0.99, 0.995),
  },
  scale: {
    graph: least(
      "recall@10 of the vector index beside exact, as it ships, made documents, all nearly alike",
      0.99,
      0.995,
    ),
    p50: most("search in process, p50", 5, null, "ms"),
    p95: most("search in process, p95", 15, null, "ms"),
    index: reported("cut and index everything by words, in process", "ms"),
    embed: reported("embed everything and make the graph, in process", "ms"),
    open: reported("open the kept index", "ms"),
  },
  cold: {
    whole: most("cold index of 1,000 files, from the start of the process, vectors included", 30, null, "s"),
    words: reported("the same, words alone", "s"),
  },
  service: {
    ready: most("boot to ready, median", 1.5, null, "s"),
    p50: most("search over HTTP, p50", 5, null, "ms"),
    p95: most("search over HTTP, p95", 15, null, "ms"),
    memory: most("RSS after the searches", 230, 170, "MB"),
    cited: least("citations of hits that reproduce their text, cut from the files", 100, null, "%"),
    verified: least("citations of all passages that reproduce their text, by the service", 100, null, "%"),
    lexical: most("save → lexical hit, p95", 1, null, "s"),
    semantic: most("save → semantic hit, p95", 2, null, "s"),
    bulk: most("search while everything is indexed and embedded anew, p95", 60, null, "ms"),
    memoryAfter: reported("RSS after that", "MB"),
  },
} as const satisfies Record<string, Record<string, Goal>>;

export type PartName = keyof typeof GOALS;
export const PART_NAMES = Object.keys(GOALS) as readonly PartName[];

/** Goals of one part by their names. */
export function goalsOf(part: PartName): Readonly<Record<string, Goal>> {
  return GOALS[part];
}
