import { queryRows } from "../../stack/sql.ts";
import { type Check, fail, pass } from "../check.ts";

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
    const response = await fetch(`http://127.0.0.1:${config.portalPort}/board`, { redirect: "manual", signal });
    if (response.status !== 200)
      return fail(`GET /board answered ${response.status}`, { expected: "200", actual: `${response.status}` });
    const html = await response.text();
    // The last reading, or a page that says why there is none: a reading that failed after the status was chosen.
    const problem = /data-problem="([a-z_]+)"/.exec(html)?.[1];
    if (problem !== undefined) return fail(`GET /board shows no present board: ${problem}`);
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
