import { expect, test } from "vitest";
import { fixtureResult } from "../../../test/support/fixture-check.ts";
import { recordingStreams } from "../../../test/support/recording-streams.ts";
import { CliError } from "../errors/cli-error.ts";
import { jsonReporter } from "./json-reporter.ts";

test("prints the answer as one line of JSON on stdout, and nothing of the progress anywhere", () => {
  const { streams, out, err } = recordingStreams();
  const reporter = jsonReporter(streams);
  reporter.headline("Muster");
  reporter.stepStarted("up", "rag");
  reporter.stepProgress("up", "rag", "half");
  reporter.stepEnded("up", "rag", { id: "up/rag", status: "done", changed: 1, ms: 5 }, "9100");
  reporter.finding(fixtureResult());
  reporter.note("note");
  reporter.result({ data: { ok: true, text: "a\nb" }, lines: ["for people"], exit: 0 });
  expect(out()).toBe('{"ok":true,"text":"a\\nb"}\n');
  expect(err()).toBe("");
});

test("prints an error as a document with its code, exit, message, hint and facts", () => {
  const { streams, out, err } = recordingStreams();
  const error = new CliError("PORT_TAKEN", {
    message: "Port 9100 is held.",
    hint: "Stop pid 812.",
    facts: { pid: 812 },
  });
  jsonReporter(streams).error(error);
  expect(JSON.parse(out())).toEqual({
    ok: false,
    error: {
      code: "PORT_TAKEN",
      title: "A port is taken; nothing was changed",
      message: "Port 9100 is held.",
      hint: "Stop pid 812.",
      exit: 5,
      facts: { pid: 812 },
    },
  });
  expect(err()).toBe("");
});
