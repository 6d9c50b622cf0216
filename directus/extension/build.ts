/**
 * Bundles the extension into `dist/muster/`, which is committed: a machine that runs Muster needs no bundler.
 * `dist/` is what EXTENSIONS_PATH points at: a folder of extensions, with this one in it.
 *
 * node directus/extension/build.ts           writes dist/
 * node directus/extension/build.ts --check   exits 1 when dist/ is not what the sources make
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { z } from "zod";
import manifest from "./package.json" with { type: "json" };
import { endpoints, hooks, operations } from "./src/bundle.ts";

const OUT = join(import.meta.dirname, "dist", "muster");
/** The Directus versions whose interface src/directus-api.ts describes. */
const HOST = "^12.0.0";

/**
 * The MCP SDK brings a JSON Schema compiler for what a server asks of its client. Ours asks nothing and passes a validator of its own, so
 * a third of the bundle, and the only code in it that makes code, stays out.
 */
const withoutSchemaCompiler = {
  name: "without-schema-compiler",
  resolveId: (source: string) => (source.endsWith("/validation/ajv-provider.js") ? "\0no-schema-compiler" : null),
  load: (id: string) => (id === "\0no-schema-compiler" ? "export class AjvJsonSchemaValidator {}" : null),
};

interface Bundle {
  readonly code: string;
  /** Absolute paths of the modules that are in it. */
  readonly moduleIds: readonly string[];
}

async function bundleSources(): Promise<Bundle> {
  const build = await rolldown({
    // The working directory shows in the output, so it must not depend on the caller.
    cwd: import.meta.dirname,
    input: join(import.meta.dirname, "src", "bundle.ts"),
    platform: "node",
    plugins: [withoutSchemaCompiler],
    logLevel: "warn",
  });
  const { output } = await build.generate({ format: "esm", minify: false });
  await build.close();
  const [chunk, ...more] = output;
  if (more.length > 0) throw new Error("The extension must be one file: Directus copies nothing else.");
  return { code: chunk.code, moduleIds: chunk.moduleIds };
}

/** The bundle passes on other people's code, so it carries their licences. */
async function licencesOf({ moduleIds }: Bundle): Promise<string> {
  const packages = new Set(
    moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []),
  );
  const texts = [...packages].sort().map(async (folder) => {
    const { name, version } = packageSchema.parse(JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} ships no licence, so it cannot be bundled.`);
    return `${name} ${version}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

const packageSchema = z.object({ name: z.string(), version: z.string() });

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
  const bundle = await bundleSources();
  return new Map([
    ["api.js", bundle.code],
    ["package.json", manifestText()],
    ["THIRD-PARTY-LICENSES.txt", await licencesOf(bundle)],
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
