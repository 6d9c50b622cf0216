import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ClientOutput, installForeignClients, runForeignClient } from "../support/foreign-clients.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const AGENT = "a01";
const VARIABLE = "ELK_OS_TOKEN_A01";

let stack: Stack;
let clients: Awaited<ReturnType<typeof installForeignClients>>;
beforeAll(async () => {
  ({ stack } = await sharedStack());
  clients = await installForeignClients(stack.cacheDir);
});

/** No client of anybody's may print the token back. */
function withoutToken(output: ClientOutput): ClientOutput {
  expect((output.stdout + output.stderr).includes(stack.secret(`agent-${AGENT}`)), "the client prints the token").toBe(
    false,
  );
  return output;
}

describe("the MCP inspector's command line", () => {
  async function inspect(...args: readonly string[]): Promise<unknown> {
    const folder = temporaryFolder();
    const header = `Authorization: Bearer ${stack.secret(`agent-${AGENT}`)}`;
    const argv = ["--cli", stack.urls.mcp, "--transport", "http", "--header", header, ...args];
    const output = withoutToken(await runForeignClient(clients.inspector, argv, { cwd: folder, home: folder }));
    expect(output, output.stderr).toMatchObject({ exit: 0 });
    return JSON.parse(output.stdout);
  }

  it("lists the tools", async () => {
    const { tools } = z
      .object({ tools: z.array(z.object({ name: z.string() })) })
      .parse(await inspect("--method", "tools/list"));
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["items", "schema", "system-prompt"]));
  });

  it("reads a seeded task back", async () => {
    const query = { filter: { number: { _eq: 1 } }, fields: ["number", "title", "status"], limit: 1 };
    const args = ["action=read", "collection=os_tasks", `query=${JSON.stringify(query)}`];
    const call = ["--method", "tools/call", "--tool-name", "items", ...args.flatMap((arg) => ["--tool-arg", arg])];
    const { content } = z.object({ content: z.array(z.object({ text: z.string() })) }).parse(await inspect(...call));
    expect(JSON.parse(content[0]?.text ?? "")).toMatchObject({ raw: [{ number: 1, status: "done" }] });
  });
});

describe("Claude Code in a wired folder", () => {
  async function listServers(token: string, searchKey: string, isTrusted = true): Promise<string> {
    const folder = temporaryFolder();
    const home = join(folder, "home");
    const project = join(folder, "project");
    for (const path of [home, project]) mkdirSync(path);
    expect(await stack.run(["wire", "--agent", AGENT, "--into", project, "--json"])).toMatchObject({
      exit: 0,
      json: { ok: true, changed: 3, tokenVariable: VARIABLE },
    });
    // What Claude Code keeps when a person answers "Yes, I trust this folder"; without it no project setting counts.
    const projects = { [project]: { hasTrustDialogAccepted: isTrusted } };
    writeFileSync(join(home, ".claude.json"), JSON.stringify({ projects }));
    const environment = {
      [VARIABLE]: token,
      ELK_OS_RAG_KEY: searchKey,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_TELEMETRY: "1",
    };
    const output = await runForeignClient(clients.claude, ["mcp", "list"], { cwd: project, home, environment });
    return withoutToken(output).stdout;
  }

  /** The board's own verbs, Directus's native tools beside them, and memory. */
  const SERVERS = { board: "/muster/mcp", muster: "/mcp?tool_mode=registry", memory: "/mcp" };
  const stateOf = (output: string, server: keyof typeof SERVERS) =>
    output.split("\n").find((line) => line.startsWith(`${server}: `) && line.includes(`${SERVERS[server]} (HTTP)`)) ??
    output;

  it("is Connected with token and key from the environment, through all three servers", async () => {
    const output = await listServers(stack.secret(`agent-${AGENT}`), stack.secret("rag_key"));
    expect(stateOf(output, "memory")).toMatch(/Connected$/);
    expect(stateOf(output, "muster")).toMatch(/Connected$/);
    expect(stateOf(output, "board")).toMatch(/Connected$/);
  });

  it("is Failed with another token and key, through all three servers", async () => {
    const output = await listServers("not-a-token-of-this-board", "not-the-key-of-search");
    expect(stateOf(output, "memory")).toMatch(/Failed to connect/);
    expect(stateOf(output, "muster")).toMatch(/Failed to connect/);
    expect(stateOf(output, "board")).toMatch(/Failed to connect/);
  });

  it("waits for its person in a folder that nobody has trusted yet", async () => {
    expect(await listServers(stack.secret(`agent-${AGENT}`), stack.secret("rag_key"), false)).toMatch(
      /^muster: .*Pending approval/m,
    );
  });
});
