import { describe, expect, test } from "vitest";
import { COMMANDS } from "./commands/index.ts";
import { CliError } from "./errors/cli-error.ts";
import { GLOBAL_OPTIONS, type ParsedCommand, parseArguments } from "./program.ts";

const words = (line: string) => line.split(" ").filter((word) => word !== "");

async function parsed(line: string): Promise<ParsedCommand> {
  const answer = await parseArguments(words(line));
  if (answer.kind === "text") throw new Error("A text was answered, not a command.");
  return answer.parsed;
}

async function shown(line: string): Promise<string> {
  const answer = await parseArguments(words(line));
  if (answer.kind === "run") throw new Error("A command was answered, not a text.");
  return answer.text;
}

async function refusal(line: string): Promise<CliError> {
  const thrown = await parseArguments(words(line)).catch((error: unknown) => error);
  if (thrown instanceof CliError) return thrown;
  throw new Error("The command line was accepted.");
}

test("finds the command, its arguments and its options", async () => {
  expect(await parsed("logs rag --lines 5 --json")).toMatchObject({
    command: { name: "logs" },
    args: ["rag"],
    options: { lines: "5", json: true },
    flags: {},
  });
  expect(await parsed("agent add a01 --model-family claude")).toMatchObject({
    command: { name: "agent add" },
    args: ["a01"],
    options: { modelFamily: "claude" },
  });
  expect((await parsed("test unit e2e")).args).toEqual(["unit", "e2e"]);
});

test("hands on which settings the flags override, and only those", async () => {
  expect((await parsed("up --profile analogelk --from seed --state-dir /s")).flags).toEqual({
    profile: "analogelk",
    stateDir: "/s",
  });
});

test.each(["--json status", "status --json", "--json --ascii status --json"])(
  "takes global options anywhere: %s",
  async (line) => {
    expect(await parsed(line)).toMatchObject({ command: { name: "status" }, options: { json: true } });
  },
);

test("takes a setting before the command's name as well", async () => {
  expect((await parsed("--state-dir /s status")).flags).toEqual({ stateDir: "/s" });
  expect((await parsed("--state-dir /s status --state-dir /t")).flags).toEqual({ stateDir: "/t" });
});

test("answers --version as the version command", async () => {
  expect(await parsed("--version --json")).toMatchObject({ command: { name: "version" }, options: { json: true } });
});

describe("refuses with exit 2, naming what was meant and where to read on:", () => {
  test.each([
    ["bogus-command", "Unknown command 'bogus-command'.", "see: elk-os --help"],
    ["dcotor", "Unknown command 'dcotor'.", "did you mean doctor? see: elk-os --help"],
    ["upp", "Unknown command 'upp'.", "did you mean up? see: elk-os --help"],
    ["agent ad a01", "Unknown command 'ad'.", "did you mean agent add? see: elk-os --help"],
    ["up --frm seed", "Unknown option '--frm'.", "did you mean --from? see: elk-os up --help"],
    ["up --jsno", "Unknown option '--jsno'.", "did you mean --json? see: elk-os up --help"],
    ["--json up --frm", "Unknown option '--frm'.", "did you mean --from? see: elk-os up --help"],
    [
      "agent add a --model-famly x",
      "Unknown option '--model-famly'.",
      "did you mean --model-family? see: elk-os agent add --help",
    ],
    ["--frm", "Unknown option '--frm'.", "see: elk-os --help"],
    ["up --from", "Option '--from <phase>' argument missing.", "see: elk-os up --help"],
    [
      "up --only migrat",
      "Option '--only <phase>' argument 'migrat' is invalid. Allowed choices are init, up, migrate, seed, wire, doctor.",
      "did you mean migrate? see: elk-os up --help",
    ],
    [
      "up --driver podman",
      "Option '--driver <name>' argument 'podman' is invalid. Allowed choices are auto, embedded, compose.",
      "see: elk-os up --help",
    ],
    [
      "logs ragg",
      "Command-argument value 'ragg' is invalid for argument 'service'. Allowed choices are postgres, directus, rag, portal, supervisor, checkpoint, caddy.",
      "did you mean rag? see: elk-os logs --help",
    ],
    ["agent add", "Missing required argument 'name'.", "see: elk-os agent add --help"],
    [
      "doctor extra",
      "Too many arguments for 'doctor'. Expected 0 arguments but got 1: extra.",
      "see: elk-os doctor --help",
    ],
  ])("%s", async (line, message, hint) => {
    expect(await refusal(line)).toMatchObject({ code: "USAGE_INVALID", exit: 2, message, hint });
  });

  test("no command at all, with the help", async () => {
    const error = await refusal("");
    expect(error).toMatchObject({ code: "USAGE_INVALID", exit: 2, message: "elk-os needs a verb." });
    expect(error.hint).toContain("Usage: elk-os <command> [options]");
  });

  test("a noun without its verb, with the verbs", async () => {
    const error = await refusal("agent");
    expect(error.message).toBe("elk-os agent needs a verb.");
    expect(error.hint).toMatch(/^ *add .*$[\s\S]*^ *suspend /m);
  });
});

describe("help", () => {
  test.each(["--help", "-h", "help"])("%s names every command with its summary", async (line) => {
    const text = await shown(line);
    for (const { name, summary } of COMMANDS.filter((command) => !command.name.includes(" "))) {
      expect(text).toMatch(new RegExp(`^ {2}${name}[ \\n]`, "m"));
      expect(text.replace(/\s+/g, " ")).toContain(summary.replace(/\s+/g, " "));
    }
  });

  test.each(COMMANDS.map(({ name }) => name))(
    "of %s shows summary, every option and the text that teaches",
    async (name) => {
      const command = COMMANDS.find((candidate) => candidate.name === name);
      if (command === undefined) throw new Error("The command is gone.");
      const text = await shown(`${name} --help`);
      const flat = text.replace(/\s+/g, " ");
      expect(text).toContain(`Usage: elk-os ${name}`);
      expect(flat).toContain(command.summary);
      expect(flat).toContain(command.help.replace(/\s+/g, " ").trim());
      for (const { flags, description } of [...(command.options ?? []), ...GLOBAL_OPTIONS]) {
        expect(text).toContain(`  ${flags} `);
        expect(flat).toContain(description);
      }
      expect(await shown(`help ${name}`)).toBe(text);
    },
  );

  test.each(COMMANDS.map(({ name }) => name))("of %s fits a terminal of 80 columns", async (name) => {
    for (const line of (await shown(`${name} --help`)).split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});

test("the table of commands has unique names, and summaries that are one line without a full stop", () => {
  expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
  for (const { name, summary } of COMMANDS) expect(summary, name).toMatch(/^[A-Z][^\n]*[^.]$/);
});
