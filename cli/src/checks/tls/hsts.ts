import type { Config } from "../../config/schema.ts";
import { askDoor } from "../../tls/ask-door.ts";
import { doorOf, wantsHsts } from "../../tls/door.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";
import { orReason } from "./or-reason.ts";
import { PROXY_ONLY, TLS_OFF } from "./why-skipped.ts";

/** Answered by the proxy's upstream or, while that is away, by the proxy: the header is the proxy's own. */
const PATH = "/.well-known/muster/identity";
const HALF_A_YEAR_S = 15_768_000;

/** TLS-03. */
export const hstsAsWanted: Check = {
  id: "TLS-03",
  title: "Browsers are told to come with TLS only, where and only where they believe the certificate",
  severity: "error",
  drivers: PROXY_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 30_000,
  async probe({ config }, signal) {
    const door = doorOf(config);
    if (door === null) return TLS_OFF;
    const headers = door.httpsPort === null ? { "x-forwarded-proto": "https" } : {};
    const told = new Map<string, string | null>();
    for (const name of door.names) {
      const answer = await orReason(askDoor(door, { name, path: PATH, scheme: "https", headers, signal }), signal);
      if (typeof answer === "string") return fail(`nobody serves ${name} at ${door.host}: ${answer}`);
      told.set(name, answer.hsts);
    }
    return judgeHsts(told, config);
  },
  fix: { summary: "elk-os up replaces the proxy when its files differ" },
};

/** Strict-Transport-Security by name; null: not sent. */
export function judgeHsts(told: ReadonlyMap<string, string | null>, config: Pick<Config, "tls">): Finding {
  const isWanted = wantsHsts(config);
  for (const [name, hsts] of told) {
    const seconds = Number(/(?:^|;\s*)max-age="?(\d+)"?/i.exec(hsts ?? "")?.[1] ?? 0);
    if (isWanted && seconds < HALF_A_YEAR_S)
      return fail(`${name} tells browsers ${hsts === null ? "nothing" : `"${hsts}"`}`, {
        expected: "max-age of half a year or more",
      });
    if (!isWanted && hsts !== null)
      return fail(`${name} tells browsers "${hsts}", and its certificate is one that they do not believe`, {
        expected: `no such header (ELK_OS_TLS=${config.tls})`,
      });
  }
  const names = [...told.keys()].join(", ");
  return pass(
    isWanted
      ? `${names}: ${[...new Set(told.values())].join(", ")}`
      : `${names}: not sent with ${config.tls}, as it should be`,
  );
}
