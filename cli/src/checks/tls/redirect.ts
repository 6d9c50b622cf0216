import type { Config } from "../../config/schema.ts";
import { askDoor, type DoorAnswer } from "../../tls/ask-door.ts";
import { doorOf, redirectTarget } from "../../tls/door.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";
import { orReason } from "./or-reason.ts";
import { PROXY_ONLY, TLS_OFF } from "./why-skipped.ts";

/** No page of either; the query must survive the redirect. */
const PATH = "/doctor?redirect=1";
/** Keep the method, so that an agent's POST is not turned into a GET. */
const PERMANENT = 308;

/** TLS-02. */
export const plainRedirects: Check = {
  id: "TLS-02",
  title: "Who comes without TLS is sent to the same address with it",
  severity: "error",
  drivers: PROXY_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 30_000,
  async probe({ config }, signal) {
    const door = doorOf(config);
    if (door === null) return TLS_OFF;
    // Behind a proxy, what counts is how the client came to that one.
    const headers = door.httpsPort === null ? { "x-forwarded-proto": "http" } : {};
    const answers = new Map<string, DoorAnswer>();
    for (const name of door.names) {
      const answer = await orReason(askDoor(door, { name, path: PATH, scheme: "http", headers, signal }), signal);
      if (typeof answer === "string") return fail(`nobody serves ${name} at ${door.host}:${door.httpPort}: ${answer}`);
      answers.set(name, answer);
    }
    return judgeRedirects(answers, config);
  },
  fix: { summary: "elk-os up replaces the proxy when its files differ; then look who else holds ELK_OS_HTTP_PORT" },
};

/** By name. */
export function judgeRedirects(answers: ReadonlyMap<string, DoorAnswer>, config: Config): Finding {
  for (const [name, { status, location }] of answers) {
    const expected = redirectTarget(config, name, PATH);
    if (status !== PERMANENT || location !== expected)
      return fail(`http://${name} answered ${status}${location === null ? "" : ` to ${location}`}`, {
        expected: `${PERMANENT} to ${expected}`,
        actual: `${status} to ${location ?? "nowhere"}`,
      });
  }
  return pass(
    [...answers.keys()].map((name) => `http://${name}: ${PERMANENT} to ${redirectTarget(config, name, "")}`).join("; "),
  );
}
