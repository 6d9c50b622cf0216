/** The oldest releases that can run compose.yaml. */
export const LEAST_VERSIONS = {
  /**
   * The first with API 1.44 and so with a health check's `start_interval`; Compose refuses compose.yaml on an older one, and only when a container
   * is made (docker/compose, pull request 11360: "moby API 1.44 is implemented by Docker engine v25").
   */
  engine: [25, 0],
  /** `start_interval` and JSON Lines of `ps` came before it; the tests run 2.26. */
  compose: [2, 24],
} as const;

/** Each as its own program says it: "26.1.5+dfsg1", "2.26.1-ds1-4". */
export interface EngineVersions {
  readonly engine: string;
  readonly compose: string;
}

export interface Unfit {
  readonly message: string;
  readonly hint: string;
}

const SHAPE = /^v?(\d+)\.(\d+)/;
const JUDGED = [
  { part: "engine", title: "The Docker engine", hint: "Install a newer Docker engine" },
  { part: "compose", title: "Docker Compose", hint: "Install a newer Compose plugin" },
] as const;

/** Null when both can run compose.yaml. What says no version that can be compared is refused: it would fail after the first write. Pure. */
export function judgeEngine(versions: EngineVersions): Unfit | null {
  for (const { part, title, hint } of JUDGED) {
    const said = versions[part];
    const least = LEAST_VERSIONS[part];
    const found = SHAPE.exec(said);
    const [major, minor] = [Number(found?.[1]), Number(found?.[2])];
    if (major > least[0] || (major === least[0] && minor >= least[1])) continue;
    return {
      message: `${title} is ${said === "" ? "of no known version" : said}; at least ${least.join(".")} is needed.`,
      hint: `${hint}, or use --driver embedded, which needs neither.`,
    };
  }
  return null;
}
