import { counted } from "../../output/counted.ts";
import { type Check, fail, pass } from "../check.ts";
import { namedSecrets } from "./find-secret.ts";

/** Answers that anybody on this machine can get; each is read whole and searched. */
const OPEN_PATHS = {
  portal: ["/", "/board", "/agents", "/receipts", "/no-such-page"],
  directus: ["/server/info", "/server/ping", "/items/no_such_collection", "/muster/health"],
  rag: ["/health", "/stats", "/no-such-route"],
} as const;
type Service = keyof typeof OPEN_PATHS;

/** A stack trace of Node: "at name (file:line:column)". */
const STACK_TRACE = /\n\s+at .+\(?(?:file:\/\/|\/)[^\s)]+:\d+:\d+\)?/;
/** What a page has the browser load from this very server. */
const SCRIPT = /\b(?:src|href)="(\/[^"/][^"]*\.js(?:\?[^"]*)?)"/g;

/** SEC-06. */
export const answersKeepSecrets: Check = {
  id: "SEC-06",
  title: "No open HTTP answer, nor script that a page of the portal loads, holds a secret or a stack trace",
  severity: "error",
  dependsOn: ["ID-02", "ID-03", "ID-04"],
  timeoutMs: 30_000,
  isAside: true,
  async probe({ config, secrets }, signal) {
    const values = namedSecrets(secrets);
    const asked: { readonly service: Service; readonly path: string; readonly isScript: boolean }[] = Object.entries(
      OPEN_PATHS,
    ).flatMap(([service, paths]) => paths.map((path) => ({ service: service as Service, path, isScript: false })));
    const known = new Set<string>();
    let bytes = 0;
    // Grows while it is walked: by the scripts that a page names.
    for (const { service, path, isScript } of asked) {
      const port = config[`${service}Port`];
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual", signal });
      const body = await response.text();
      const text = `${JSON.stringify([...response.headers])}\n${body}`;
      bytes += text.length;
      const leak = values.find(({ value }) => text.includes(value));
      if (leak !== undefined) return fail(`${service} ${path} shows secrets/${leak.name}`);
      // A script may speak of stacks; what it must not hold is a value.
      if (!isScript && STACK_TRACE.test(text)) return fail(`${service} ${path} shows a stack trace`);
      if (service !== "portal" || isScript) continue;
      for (const script of scriptsOf(body).filter((candidate) => !known.has(candidate))) {
        known.add(script);
        asked.push({ service, path: script, isScript: true });
      }
    }
    return pass(
      `${counted(asked.length - known.size, "answer")} and ${counted(known.size, "script")}, ${Math.round(bytes / 1024)} KiB, searched for ${counted(values.length, "secret")}`,
    );
  },
  fix: { summary: "rotate the secret that leaked, and report the route" },
};

/** Paths of the scripts that a page loads from its own server. */
export function scriptsOf(html: string): readonly string[] {
  return [...html.matchAll(SCRIPT)].map((match) => (match[1] ?? "").replaceAll("&amp;", "&"));
}
