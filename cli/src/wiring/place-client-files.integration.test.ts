import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderConstitution } from "../constitution/render.ts";
import { clientFiles } from "./client-files.ts";
import { fitIntoFolder } from "./place-client-files.ts";

const base = `---\nconstitution: 1.0.0\n---\n${Array.from({ length: 10 }, (_, index) => `## §${index + 1} Rule\n`).join("\n")}`;
const constitution = renderConstitution(base, "generic", null).text;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "elk-os-place-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fitted = () => {
  const files = clientFiles({
    agent: "a01",
    directusUrl: "http://127.0.0.1:8055",
    ragUrl: "http://127.0.0.1:9100",
    constitution,
  });
  return fitIntoFolder(files.map(({ path, text }) => ({ path: join(folder, path), text })));
};
const textOf = (name: string) => fitted().find(({ path }) => path === join(folder, name))?.text ?? "";

describe("client files in a folder that has some", () => {
  it("keep the servers and settings of others", () => {
    writeFileSync(join(folder, ".mcp.json"), '{"mcpServers":{"other":{"type":"stdio","command":"x"}}}');
    mkdirSync(join(folder, ".claude"));
    writeFileSync(join(folder, ".claude/settings.json"), '{"enabledMcpjsonServers":["other"],"model":"m"}');
    expect(Object.keys(JSON.parse(textOf(".mcp.json")).mcpServers)).toEqual(["other", "board", "muster", "memory"]);
    expect(JSON.parse(textOf(".claude/settings.json"))).toEqual({
      enabledMcpjsonServers: ["other", "board", "muster", "memory"],
      env: { MCP_TOOL_TIMEOUT: "60000" },
      model: "m",
    });
  });

  it("replace a constitution of ours, and refuse to replace rules that are not", () => {
    writeFileSync(join(folder, "CLAUDE.md"), constitution);
    expect(textOf("CLAUDE.md")).toBe(constitution);
    writeFileSync(join(folder, "CLAUDE.md"), "# My own rules\n");
    expect(fitted).toThrow(/CLAUDE\.md is in the way/);
    expect(readFileSync(join(folder, "CLAUDE.md"), "utf8")).toBe("# My own rules\n");
  });

  it("refuse a settings file that is no JSON object", () => {
    writeFileSync(join(folder, ".mcp.json"), "not json");
    expect(fitted).toThrow(/not a JSON object/);
  });
});
