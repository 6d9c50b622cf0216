/** Reads an isolation spec; its format is in README.md. */
export interface Step {
  readonly name: string;
  readonly session: string;
  readonly sql: string;
}

export interface Spec {
  readonly title: string;
  readonly setup: readonly string[];
  /** Login of each session. */
  readonly sessions: ReadonlyMap<string, "muster_directus" | "postgres">;
  readonly steps: readonly Step[];
  readonly wins: readonly { readonly least: number; readonly most: number; readonly steps: readonly string[] }[];
  readonly codes: readonly string[];
  /** Whether a step may wait for a lock. */
  readonly mayWait: boolean;
  readonly last: readonly string[];
  readonly never: readonly string[];
}

/** @throws Error naming the line that is none of the format */
export function readSpec(text: string): Spec {
  const sessions = new Map<string, "muster_directus" | "postgres">();
  const steps: Step[] = [];
  const found = {
    title: "",
    setup: [""],
    wins: [] as Spec["wins"][number][],
    codes: [""],
    mayWait: true,
    last: [""],
    never: [""],
  };
  for (const list of [found.setup, found.codes, found.last, found.never]) list.length = 0;
  let session = "";
  for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
    const [, word = "", name = "", rest = ""] =
      /^\s*(#|session|step|setup:|wins|waits:|codes:|never:|finally:)\s*([^\s:]*):?\s*(.*)$/.exec(line) ?? [];
    const whole = line.slice(line.indexOf(word) + word.length).trim();
    if (word === "#") found.title ||= whole;
    else if (word === "session") {
      session = name;
      sessions.set(name, rest === "as postgres" ? "postgres" : "muster_directus");
    } else if (word === "step") steps.push({ name, session, sql: rest });
    else if (word === "setup:") found.setup.push(whole);
    else if (word === "finally:") found.last.push(whole);
    else if (word === "never:") found.never.push(whole);
    else if (word === "waits:") found.mayWait = whole !== "none";
    else if (word === "codes:") found.codes.push(...whole.split(" ").filter(Boolean));
    else if (word === "wins") {
      const [least = 0, most = least] = name.split("-").map(Number);
      found.wins.push({ least, most, steps: rest.replace(/^of:\s*/, "").split(" ") });
    } else throw new Error(`Not a line of a spec: ${line}`);
  }
  return { ...found, sessions, steps };
}

/** Every order of the steps that keeps the order within each session. */
export function permutationsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const queues = [...Map.groupBy(steps, ({ session }) => session).values()];
  const weave = (rest: readonly (readonly Step[])[]): readonly (readonly Step[])[] => {
    const open = rest.filter((queue) => queue.length > 0);
    if (open.length === 0) return [[]];
    return open.flatMap((queue) => {
      const [first, ...later] = queue;
      return first === undefined
        ? []
        : weave(open.map((each) => (each === queue ? later : each))).map((tail) => [first, ...tail]);
    });
  };
  return weave(queues);
}
