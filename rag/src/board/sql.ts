import { readFileSync } from "node:fs";

/** Text of `sql/<name>.sql`. */
function read(name: string): string {
  return readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), "utf8");
}

/** The statements of the board source, read once. */
export const SQL = {
  findPlace: read("board.find-place"),
  eventsAfter: read("event.list-after"),
  taskIds: read("task.list-ids"),
  taskTexts: read("task.list-texts"),
  visibleTasks: read("task.list-visible"),
} as const;
