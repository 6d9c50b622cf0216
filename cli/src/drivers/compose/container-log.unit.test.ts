import { expect, test } from "vitest";
import { mergeLines } from "../../support/log-tail.ts";
import { logLines } from "./container-log.ts";

test("what a container wrote to either stream becomes one list in order of time", () => {
  const out = "2026-11-30T12:00:01.000000001Z one\n2026-11-30T12:00:03.000000001Z three\n";
  const err = "2026-11-30T12:00:02.000000001Z two\n2026-11-30T12:00:03.000000002Z four";
  expect(logLines(out, err).map((line) => line.split(" ")[1])).toEqual(["one", "two", "three", "four"]);
});

test("a line that says its own time stands as it was written, and another one behind the engine's", () => {
  const pino = '{"level":30,"time":1795953602000,"msg":"ready"}';
  const postgres = "2026-11-29 12:00:03.000 UTC [1] LOG:  checkpoint";
  const at = "2026-11-29T12:00:04.123456789Z";
  expect(logLines(`${at} ${pino}\n${at} ${postgres}\n${at} Listening\n`, "")).toEqual([
    pino,
    postgres,
    `${at} Listening`,
  ]);
});

test("logs of several containers merge, a stack trace within its own", () => {
  const directus = logLines("", "2026-11-30T12:00:02.5Z Error: gone\n2026-11-30T12:00:02.6Z     at query (x.js:1)\n");
  const caddy = logLines("2026-11-30T12:00:02.7Z 502\n", "");
  const merged = mergeLines([
    { service: "caddy", lines: caddy },
    { service: "directus", lines: directus },
  ]);
  expect(merged.map(({ service, at }) => `${service} ${at}`)).toEqual([
    "directus 2026-11-30T12:00:02.500Z",
    "directus 2026-11-30T12:00:02.600Z",
    "caddy 2026-11-30T12:00:02.700Z",
  ]);
});

test("nothing written is no line", () => {
  expect(logLines("", "")).toEqual([]);
  expect(logLines("2026-11-30T12:00:02.5Z \n2026-11-30T12:00:02.5Z\n", "")).toEqual([]);
});
