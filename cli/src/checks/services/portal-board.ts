import { queryRows } from "../../stack/sql.ts";
import { type Check, fail, pass } from "../check.ts";

interface Page {
  readonly status: number;
  readonly html: string;
  /** Why it shows its last reading, or none: a reading that failed after the status was chosen. */
  readonly problem: string | null;
}

async function readPage(url: string, signal: AbortSignal): Promise<Page> {
  const response = await fetch(url, { redirect: "manual", signal });
  const html = await response.text();
  return { status: response.status, html, problem: /data-problem="([a-z_]+)"/.exec(html)?.[1] ?? null };
}

/** PORT-UI-01. */
export const portalShowsBoard: Check = {
  id: "PORT-UI-01",
  title: "The portal's board shows a task that is in our database, and names our instance",
  severity: "error",
  dependsOn: ["ID-04", "PG-01", "PG-03"],
  timeoutMs: 15_000,
  async probe({ config, connections, instance }, signal) {
    const [task] = await queryRows<{ number: number; title: string }>(connections, "muster_portal", "task.sample");
    if (task === undefined) return fail("the board has no task to look for", { expected: "a seeded task" });
    const read = () => readPage(`http://127.0.0.1:${config.portalPort}/board`, signal);
    // One connection that came late, right after a start, is a moment and no state.
    const first = await read();
    const { status, html, problem } = first.problem === null ? first : await read();
    const why = problem === null ? "" : `: ${problem}`;
    if (status !== 200) return fail(`GET /board answered ${status}${why}`, { expected: "200", actual: `${status}` });
    if (problem !== null) return fail(`GET /board shows no present board: ${problem}`);
    const { instanceId } = instance();
    if (!html.includes(`content="${instanceId}"`))
      return fail("the page does not name this instance", { expected: instanceId });
    if (!html.includes(`/tasks/${task.number}"`)) return fail(`the page has no link to task #${task.number}`);
    return pass(
      `GET /board: ${Math.round(html.length / 1024)} KiB, task #${task.number} shown, instance ${instanceId}`,
    );
  },
  fix: { summary: "elk-os logs portal; elk-os up --only up starts it again" },
};
