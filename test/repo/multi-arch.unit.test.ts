/** Nothing that is shipped is for one processor only. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { offenders, ROOT, type SourceFile, sourcesBelow } from "./source-files.ts";

const PROCESSORS = /\b(amd64|x86[-_]64|x64|i[36]86|arm64|aarch64|armv\d\w*)\b|--platform\b/i;

describe("images and launcher", () => {
  const read = (path: string): SourceFile => ({ path, text: readFileSync(join(ROOT, path), "utf8") });
  const files = [
    ...sourcesBelow("deploy/images", /\.Dockerfile$/),
    ...["compose.yaml", "bin/elk-os"].map(read),
    ...sourcesBelow("bin/launcher", /\.sh$/),
  ];
  const namesProcessor = ({ text }: SourceFile) => PROCESSORS.test(text);

  it("name no processor, but where the launcher asks which one it is on", () => {
    expect(files.length).toBeGreaterThan(9);
    expect(offenders(files, namesProcessor)).toEqual(["bin/launcher/toolchain.sh"]);
    expect(
      read("bin/launcher/toolchain.sh")
        .text.split("\n")
        .filter((line) => PROCESSORS.test(line)),
    ).toEqual(["    x86_64 | amd64) echo x64 ;;", "    aarch64 | arm64) echo arm64 ;;"]);
  });

  it.each([
    "FROM --platform=linux/amd64 node",
    "image: amd64/postgres:18",
    "COPY lib/x86_64-linux-gnu /lib",
    "node-linux-x64",
  ])("are seen to name one in: %s", (text) => {
    expect(namesProcessor({ path: "compose.yaml", text })).toBe(true);
  });
});

describe("locks", () => {
  interface Locked {
    readonly version: string;
    readonly os?: string | readonly string[];
    readonly cpu?: string | readonly string[];
    readonly libc?: readonly string[];
  }
  type Packages = Readonly<Record<string, Locked>>;
  const LOCKS = [".", "bin/toolchain", "directus/runtime", "rag/runtimes/huggingface", "rag/runtimes/xenova"];
  const among = (list: Locked["cpu"], name: string) => [list ?? []].flat().includes(name);

  /** Packages for x86-64 Linux with glibc, and those of them that have no sibling of their version for arm64. */
  function oneSided(packages: Packages): { readonly forX64: readonly string[]; readonly alone: readonly string[] } {
    const forX64 = Object.entries(packages).filter(
      ([, { os, cpu, libc }]) =>
        among(os, "linux") && among(cpu, "x64") && !among(cpu, "arm64") && !among(libc, "musl"),
    );
    const alone = forX64.filter(([path, { version }]) => {
      const sibling = packages[path.replaceAll("x64", "arm64")];
      return sibling?.version !== version || !among(sibling.cpu, "arm64");
    });
    return { forX64: forX64.map(([path]) => path), alone: alone.map(([path]) => path) };
  }

  it.each(LOCKS)("have every package for x86-64 for arm64, too, in the same version: %s", (folder) => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, folder, "package-lock.json"), "utf8")) as {
      readonly packages: Packages;
    };
    const { forX64, alone } = oneSided(packages);
    expect(forX64).not.toEqual([]);
    expect(alone).toEqual([]);
  });

  it.each<[string, Packages]>([
    ["another version", { "a-arm64": { version: "2.0.0", os: ["linux"], cpu: ["arm64"] } }],
    ["none", {}],
    ["one that is for something else", { "a-arm64": { version: "1.0.0", os: ["linux"], cpu: ["x64"] } }],
  ])("are seen to lack it where there is %s", (_what, packages) => {
    const lock = { "a-x64": { version: "1.0.0", os: ["linux"], cpu: ["x64"] }, ...packages };
    expect(oneSided(lock).alone).toContain("a-x64");
  });
});
