/** May a hit be shown? A passage of the board is shown only while the board itself would show its row. */

export interface Visible {
  /** Numbers of tasks that may be seen, of those that the hits name. */
  readonly tasks: ReadonlySet<number>;
  /** Keys of projects that may be seen. */
  readonly projects: ReadonlySet<string>;
  /**
   * Strangers read: a file that names a task is shown only when each of them may be seen, and no passage of the board is: what was
   * indexed of a task holds the evidence of its verdicts.
   */
  readonly isPublic: boolean;
}

export interface HitFacts {
  readonly path: string;
  readonly collection: string;
  readonly tags: readonly string[];
  readonly text: string;
}

/** Collections of files that whoever runs the portal published with it. */
const FILES = new Set(["memory", "log", "docs", "constitution"]);

/** A row of the board names its task in its path: "board/tasks/65", "board/receipts/65-r-0003.md". */
const TASK_IN_PATH = /(?:^|\/)(\d{1,9})(?:[-./]|$)/;

/** Null: it may be shown. Else why not, in words for a log and a test. */
export function hiddenReason({ path, collection, tags, text }: HitFacts, visible: Visible): string | null {
  const project = tags.find((tag) => tag.startsWith("project:"))?.slice("project:".length);
  if (project !== undefined && !visible.projects.has(project)) return "its project may not be seen";
  if (FILES.has(collection)) {
    const isNamed = [...text.matchAll(/#(\d{1,9})\b/g)].some(([, task]) => !visible.tasks.has(Number(task)));
    return visible.isPublic && isNamed ? "it names a task that may not be seen" : null;
  }
  if (visible.isPublic) return "it may hold evidence";
  const number = taskOfHit({ path, collection });
  if (number === null) return "it names no row that could be looked up";
  return visible.tasks.has(number) ? null : "its task may not be seen";
}

/** Number of the task that a passage of the board is about. Null: a file, or a row without one. */
export function taskOfHit({ path, collection }: Pick<HitFacts, "path" | "collection">): number | null {
  const number = FILES.has(collection) ? undefined : TASK_IN_PATH.exec(path)?.[1];
  return number === undefined ? null : Number(number);
}
