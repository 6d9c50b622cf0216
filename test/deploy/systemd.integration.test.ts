/** systemd's own tools read the units. Where they are missing the tests are skipped, and systemd.unit.test.ts is all that looks. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePasswd } from "../../cli/src/host/users.ts";
import { findCommand, launch } from "../launcher/launch.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { CHECKOUT, INSTALLED_AT } from "./deploy-files.ts";

const analyze = findCommand("systemd-analyze");
const sysusers = findCommand("systemd-sysusers");
const SOURCE = join(CHECKOUT, "deploy", "systemd");

/** systemd's scale of 0 (closed) to 10; what is left is the network, other users and /proc, which a supervisor of services needs. */
const MOST_EXPOSURE = "33";

/** The units as they would be, were this checkout the installed one. */
function installedUnits(): string[] {
  const folder = temporaryFolder();
  return readdirSync(SOURCE)
    .filter((name) => /\.(service|timer)$/.test(name))
    .map((name) => {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(join(SOURCE, name), "utf8").replaceAll(INSTALLED_AT, CHECKOUT));
      return path;
    });
}

test.skipIf(analyze === null)("systemd has nothing to say about the units", async () => {
  const args = ["verify", "--man=no", ...installedUnits()];
  const outcome = await launch(analyze ?? "", { path: "/usr/bin:/bin", args, cwd: CHECKOUT });
  expect(outcome).toMatchObject({ exit: 0, stdout: "", stderr: "" });
});

test.skipIf(analyze === null)("systemd would say it: an unknown key is seen", async () => {
  const path = join(temporaryFolder(), "broken.service");
  writeFileSync(path, "[Service]\nExecStart=/bin/true\nProtectSystm=strict\n");
  const outcome = await launch(analyze ?? "", {
    path: "/usr/bin:/bin",
    args: ["verify", "--man=no", path],
    cwd: CHECKOUT,
  });
  expect(outcome.stderr).toContain("ProtectSystm");
});

test.skipIf(analyze === null)("systemd finds no unit more open than its work needs", async () => {
  for (const unit of installedUnits().filter((path) => path.endsWith(".service"))) {
    const args = ["security", "--offline=true", "--no-pager", `--threshold=${MOST_EXPOSURE}`, unit];
    const outcome = await launch(analyze ?? "", { path: "/usr/bin:/bin", args, cwd: CHECKOUT });
    expect(outcome.exit, `${unit}\n${outcome.stdout.split("\n").slice(-3).join("\n")}`).toBe(0);
  }
});

test.skipIf(sysusers === null)("the services' user is made with no login", async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "etc"));
  cpSync(join(SOURCE, "muster.sysusers.conf"), join(root, "muster.conf"));
  const args = [`--root=${root}`, join(root, "muster.conf")];
  const outcome = await launch(sysusers ?? "", { path: "/usr/bin:/bin", args, cwd: root });
  expect(outcome.exit, outcome.stderr).toBe(0);
  const passwd = readFileSync(join(root, "etc", "passwd"), "utf8");
  expect(parsePasswd(passwd, "elk-os")?.uid).toBeGreaterThan(0);
  expect(passwd).toMatch(/^elk-os:x:\d+:\d+:[^:]*:\/nonexistent:\/usr\/sbin\/nologin$/m);
});
