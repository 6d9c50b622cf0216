import { type Check, fail, pass } from "../check.ts";
import { namedSecrets } from "./find-secret.ts";

/** Answers that anybody on this machine can get; each is read whole and searched. */
const OPEN_PATHS = {
  portal: ["/", "/board", "/agents", "/receipts", "/no-such-page"],
  directus: ["/server/info", "/server/ping", "/items/no_such_collection", "/muster/health"],
  rag: ["/health", "/stats", "/no-such-route"],
} as const;

/** A stack trace of Node: "at name (file:line:column)". */
const STACK_TRACE = /\n\s+at .+\(?(?:file:\/\/|\/)[^\s)]+:\d+:\d+\)?/;

/** SEC-06. */
export const answersKeepSecrets: Check = {
  id: "SEC-06",
  title: "No open HTTP answer holds a secret or a stack trace",
  severity: "error",
  dependsOn: ["ID-02", "ID-03", "ID-04"],
  timeoutMs: 20_000,
  async probe({ config, secrets }, signal) {
    const values = namedSecrets(secrets);
    let bytes = 0;
    let count = 0;
    for (const [service, paths] of Object.entries(OPEN_PATHS)) {
      const port = config[`${service as keyof typeof OPEN_PATHS}Port`];
      for (const path of paths) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual", signal });
        const text = `${JSON.stringify([...response.headers])}\n${await response.text()}`;
        bytes += text.length;
        count++;
        const leak = values.find(({ value }) => text.includes(value));
        if (leak !== undefined) return fail(`${service} ${path} shows secrets/${leak.name}`);
        if (STACK_TRACE.test(text)) return fail(`${service} ${path} shows a stack trace`);
      }
    }
    return pass(`${count} answers, ${Math.round(bytes / 1024)} KiB, searched for ${values.length} secrets`);
  },
  fix: { summary: "rotate the secret that leaked, and report the route" },
};
