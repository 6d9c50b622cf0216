/** The user data and what it starts. cloud-init's own schema is asked where it is installed (bootstrap.integration.test.ts). */
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configSchema } from "../../cli/src/config/schema.ts";
import { KEY_BY_ENVIRONMENT_NAME } from "../../cli/src/config/sources.ts";
import { deployFile, fillIn } from "./deploy-files.ts";

/** EC2 takes no more, counted before it is encoded. */
const MOST_BYTES = 16_384;

const template = deployFile("cloud-init.yaml");
const userData = fillIn(template, { repository: "https://example.com/muster.git", ref: "v0.1.0", domain: "" });
const config = parse(userData) as Record<string, unknown>;
const installer = deployFile("box", "install.sh");
const defaults = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i" });

describe("the user data", () => {
  test("is cloud-config, and short enough", () => {
    expect(userData.startsWith("#cloud-config\n")).toBe(true);
    expect(Buffer.byteLength(userData)).toBeLessThan(MOST_BYTES);
  });

  test("asks for the architecture before anything else, and once more before it installs", () => {
    expect(Object.keys(config)[0]).toBe("bootcmd");
    const [first] = config["bootcmd"] as string[][];
    expect(first?.at(-1)).toMatch(/^\[ "\$\(uname -m\)" = aarch64 \] \|\| \{/);
    const lines = bootstrapScript().split("\n");
    const asserted = lines.findIndex((line) => line.includes("= aarch64 ] ||"));
    expect(asserted).toBeGreaterThan(0);
    expect(asserted).toBeLessThan(lines.findIndex((line) => line.includes("git clone")));
  });

  test("takes its three parameters and no secret", () => {
    const names = [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name);
    expect([...new Set(names)].sort()).toEqual(["domain", "ref", "repository"]);
    expect(userData).not.toMatch(/password:|passwd|token|private_key|ssh_keys|BEGIN |chpasswd/i);
    expect(userData).not.toMatch(/ELK_OS_/);
  });

  test("lets nobody in by password, and gives the build its swap", () => {
    expect(config).toMatchObject({
      ssh_pwauth: false,
      disable_root: true,
      swap: { filename: "/swapfile", size: "2G" },
    });
  });

  test("gets nothing by piping the network into a shell", () => {
    expect(`${userData}\n${installer}`).not.toMatch(/(curl|wget)[^\n]*\|\s*(ba|da)?sh/);
  });

  function bootstrapScript(): string {
    const files = config["write_files"] as { path: string; content: string; permissions: string }[];
    return files.find(({ path }) => path === (config["runcmd"] as string[][]).at(-1)?.[0])?.content ?? "";
  }
});

describe("the installer", () => {
  test("says that the machine is ready only after the board was green", () => {
    const lines = installer.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines[0]).toBe("set -eu");
    const doctor = lines.indexOf('"$root/bin/elk-os" doctor');
    const proofs = lines.flatMap((line, index) => (line.includes('>"$proof"') ? [index] : []));
    // The commit of a bundle, or of a clone.
    expect(proofs).toHaveLength(2);
    expect(doctor).toBeGreaterThan(0);
    expect(Math.min(...proofs)).toBeGreaterThan(doctor);
    expect(lines.indexOf('rm -f -- "$proof"')).toBeGreaterThan(0);
  });

  test("sets only settings that exist, and closes what strangers should not read", () => {
    const names = [...installer.matchAll(/ELK_OS_[A-Z_]+/g)].map(([name]) => name);
    expect(names.filter((name) => !KEY_BY_ENVIRONMENT_NAME.has(name))).toEqual([]);
    expect(installer).toContain("'ELK_OS_PORTAL_PUBLIC=true'");
  });

  test("opens the portal's port to the proxy, and no other", () => {
    const caddyfile = deployFile("box", "Caddyfile");
    expect([...caddyfile.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port))).toEqual([
      defaults.portalPort,
    ]);
    expect(caddyfile).toContain("header_up Host {upstream_hostport}");
  });
});
