/**
 * Bundles the extension into `dist/muster/`, which is committed: a machine that runs Muster needs no bundler.
 * `dist/` is what EXTENSIONS_PATH points at: a folder of extensions, with this one in it.
 *
 * node directus/extension/build.ts           writes dist/
 * node directus/extension/build.ts --check   exits 1 when dist/ is not what the sources make
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";
import manifest from "./package.json" with { type: "json" };
import { endpoints, hooks, operations } from "./src/bundle.ts";

const OUT = join(import.meta.dirname, "dist", "muster");
/** The Directus versions whose interface src/directus-api.ts describes. */
const HOST = "^12.0.0";

async function bundleSources(): Promise<string> {
  const build = await rolldown({
    // The working directory shows in the output, so it must not depend on the caller.
    cwd: import.meta.dirname,
    input: join(import.meta.dirname, "src", "bundle.ts"),
    platform: "node",
    logLevel: "warn",
  });
  const { output } = await build.generate({ format: "esm", minify: false });
  await build.close();
  const [chunk, ...more] = output;
  if (more.length > 0) throw new Error("The extension must be one file: Directus copies nothing else.");
  return chunk.code;
}

/** What Directus reads first; the entries are the bundle's own, so neither can name one that the other lacks. */
function manifestText(): string {
  const entry = (type: string) => (part: { readonly name: string }) => ({
    type,
    name: part.name,
    source: "src/bundle.ts",
  });
  const extension = {
    type: "bundle",
    // A bundle must name an app file; without app entries Directus never opens it.
    path: { app: "app.js", api: "api.js" },
    host: HOST,
    entries: [...hooks.map(entry("hook")), ...endpoints.map(entry("endpoint")), ...operations.map(entry("operation"))],
  };
  const { name, version, license } = manifest;
  return `${JSON.stringify({ name, version, license, type: "module", "directus:extension": extension }, null, 2)}\n`;
}

async function render(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["api.js", await bundleSources()],
    ["package.json", manifestText()],
  ]);
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Absent is one way to be out of date.
    return null;
  }
}

const files = await render();
if (process.argv.includes("--check")) {
  const stale: string[] = [];
  for (const [name, text] of files) if ((await readOrNull(join(OUT, name))) !== text) stale.push(name);
  if (stale.length > 0) {
    process.stderr.write(
      `directus/extension/dist/muster is out of date (${stale.join(", ")}): run node directus/extension/build.ts\n`,
    );
    process.exitCode = 1;
  }
} else {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  for (const [name, text] of files) await writeFile(join(OUT, name), text);
}
