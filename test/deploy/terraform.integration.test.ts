/**
 * Terraform's own word, as far as it needs no provider: the format, and every parameter's check. The resources are not validated: that
 * takes the AWS provider (docs/deploy.md). Without Terraform the tests are skipped.
 */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { findCommand, launch } from "../launcher/launch.ts";
import { CHECKOUT, deployFile, fillIn } from "./deploy-files.ts";

const terraform = findCommand("terraform");
const SOURCE = join(CHECKOUT, "deploy", "terraform");
const GOOD = { repository: "https://example.com/team/muster.git", ref: "v1.2.3" } as const;
/** Parts of the module that need no provider. */
const PURE = ["variables.tf", "user-data.tf"];

let folder: string;

function run(...args: readonly string[]) {
  return launch(terraform ?? "", {
    path: "/usr/bin:/bin",
    args,
    cwd: folder,
    // It asks its maker for news otherwise.
    env: { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
  });
}

function plan(variables: Readonly<Record<string, unknown>>) {
  writeFileSync(join(folder, "t.tfvars.json"), JSON.stringify({ ...GOOD, ...variables }));
  return run("plan", "-no-color", "-input=false", "-lock=false", "-var-file=t.tfvars.json");
}

beforeAll(async () => {
  if (terraform === null) return undefined;
  const root = realpathSync(mkdtempSync(join(tmpdir(), "muster-terraform-")));
  folder = join(root, "terraform");
  mkdirSync(folder);
  for (const name of PURE) cpSync(join(SOURCE, name), join(folder, name));
  cpSync(join(CHECKOUT, "deploy", "cloud-init.yaml"), join(root, "cloud-init.yaml"));
  writeFileSync(join(folder, "test.tf"), 'output "user_data" {\n  value = local.user_data\n}\n');
  const outcome = await run("init", "-backend=false", "-input=false", "-no-color");
  expect(outcome.exit, outcome.stderr).toBe(0);
  return () => rmSync(root, { recursive: true, force: true });
});

test.skipIf(terraform === null)("the module is formatted as Terraform would", async () => {
  const outcome = await run("fmt", "-check", "-no-color", SOURCE);
  expect(outcome.exit, outcome.stdout + outcome.stderr).toBe(0);
});

test.skipIf(terraform === null)("good parameters give the user data that the file says", async () => {
  expect((await plan({ domain: "muster.example.com" })).exit).toBe(0);
  expect(
    (await run("apply", "-auto-approve", "-no-color", "-input=false", "-lock=false", "-var-file=t.tfvars.json")).exit,
  ).toBe(0);
  const { stdout } = await run("output", "-raw", "user_data");
  expect(stdout).toBe(fillIn(deployFile("cloud-init.yaml"), { ...GOOD, domain: "muster.example.com" }));
});

test.skipIf(terraform === null).each<[string, unknown, string]>([
  ["repository", "https://user:word@example.com/muster.git", "no place for a"],
  ["repository", "https://example.com/m.git'; reboot; '", "must be an https URL"],
  ["ref", "main", "release tag"],
  ["ref", "v1.2.3'; reboot; '", "release tag"],
  ["domain", "Muster", "whole domain name"],
  ["instance_type", "t3.small", "Graviton"],
  ["instance_type", "t4g.micro", "less than 2 GB"],
  ["disk_gb", 8, "whole number from 12"],
  ["ssh_cidrs", ["0.0.0.0/0"], "the whole world"],
  ["ssh_cidrs", ["here"], "must be networks"],
  ["ami_id", "debian", "must be like ami-"],
])("%s = %j is refused", async (name, value, why) => {
  const outcome = await plan({ [name]: value });
  expect(outcome.exit).toBe(1);
  expect(outcome.stderr.replace(/\s*\n\s*[│|]?\s*/g, " ")).toContain(why);
});
