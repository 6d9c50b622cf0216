import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FREE_PORTS, openFolder, runCli } from "../../../test/support/run-cli.ts";

const TOKEN = "f00d".repeat(16);

/** A state folder that `init` made and that keeps the tokens of these agents, as `wire` would have left them. */
async function openInstance(...agents: readonly string[]) {
  const stateDir = join(openFolder(), "state");
  const environment = { ...FREE_PORTS, ELK_OS_STATE_DIR: stateDir };
  const run = (line: string) => runCli(line.split(" "), { environment });
  expect((await run("init")).code).toBe(0);
  for (const agent of agents) {
    const path = join(stateDir, "secrets", `agent-${agent}`);
    writeFileSync(path, TOKEN);
    chmodSync(path, 0o600);
  }
  return { stateDir, run };
}

describe("wire --print-client", () => {
  test("puts the snippet alone on stdout, names the files of the secrets on stderr, shows no secret and writes nothing", async () => {
    const { run, stateDir } = await openInstance("a01");
    const before = readdirSync(stateDir, { recursive: true });
    const { code, stdout, stderr } = await run("wire --print-client cursor");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).mcpServers.board).toEqual({
      url: `http://127.0.0.1:${FREE_PORTS.ELK_OS_DIRECTUS_PORT}/muster/mcp`,
      headers: { Authorization: `Bearer \${env:ELK_OS_TOKEN_A01}` },
    });
    expect(stderr).toContain(`export ELK_OS_TOKEN_A01="$(cat ${join(stateDir, "secrets", "agent-a01")})"`);
    const key = readFileSync(join(stateDir, "secrets", "rag_key"), "utf8");
    for (const secret of [TOKEN, key]) expect(`${stdout}${stderr}`).not.toContain(secret);
    expect(readdirSync(stateDir, { recursive: true })).toEqual(before);
  });

  test("answers the same as one document with --json", async () => {
    const { run } = await openInstance("a01");
    const { stdout } = await run("wire --print-client codex --agent a01 --json");
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      client: "codex",
      agent: "a01",
      language: "toml",
      userFile: "~/.codex/config.toml",
      snippet: expect.stringContaining('bearer_token_env_var = "ELK_OS_TOKEN_A01"'),
      tokenFile: "agent-a01",
    });
  });

  test("asks for the agent where there are several, and refuses one that is not wired, an unknown client and --into", async () => {
    const { run } = await openInstance("a01", "a02");
    const codeOf = async (line: string) => JSON.parse((await run(`${line} --json`)).stdout).error;
    expect(await codeOf("wire --print-client gemini")).toMatchObject({
      code: "USAGE_INVALID",
      message: expect.stringContaining("a01, a02"),
    });
    expect(await codeOf("wire --print-client gemini --agent a03")).toMatchObject({ code: "AGENT_INVALID" });
    expect(await codeOf("wire --print-client emacs --agent a01")).toMatchObject({ code: "USAGE_INVALID" });
    expect(await codeOf("wire --print-client vscode --agent a01 --into /tmp")).toMatchObject({ code: "USAGE_INVALID" });
  });
});
