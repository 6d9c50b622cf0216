import { cpSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../../host/run.ts";
import { counted } from "../../../output/counted.ts";
import { copyClosure, copySources, installedPins } from "./copy-package.ts";
import { exchangeNative } from "./exchange-native.ts";
import { loadLock, productionClosure } from "./lock-closure.ts";
import type { StageRecipe } from "./stage-recipe.ts";
import { digestOf, hashTree } from "./tree-hash.ts";

const WORKSPACE = "portal";
/** 14 s measured for a bare page on two cores. */
const BUILD_TIMEOUT_MS = 10 * 60_000;
/** Next takes about 2 GB at its peak; a machine of 2 GB, of which the kernel keeps some, with the swap that HOST-01 counts. */
const BUILD_MEMORY_MB = 1_792;

/**
 * The portal, built by Next into a folder that holds only what it needs. The build runs on a copy, so that the
 * checkout may be read-only and two builds never meet.
 */
export const portalApp: StageRecipe = {
  id: "portal",
  title: "Portal",
  entry({ checkout, target }) {
    const { packages = checkout, architecture = process.arch } = target ?? {};
    const closure = productionClosure(loadLock(join(checkout, "package-lock.json")), WORKSPACE);
    const workspaces = closure.links.map(({ target }) => target);
    const sources = [
      WORKSPACE,
      ...workspaces.flatMap((name) => [`${name}/package.json`, `${name}/src`]),
      "tsconfig.json",
    ];
    const entry = {
      name: "portal",
      key: digestOf([
        hashTree(checkout, sources),
        ...installedPins(packages, closure),
        process.versions.node,
        architecture,
      ]),
      proof: ["portal/server.js", "portal/.next/BUILD_ID", "portal/.next/static"],
    };
    if (target !== undefined)
      return { ...entry, build: (folder, progress) => exchangeNative(folder, target, progress) };
    return {
      ...entry,
      buildMemoryMb: BUILD_MEMORY_MB,
      async build(folder, progress, signal) {
        const work = join(folder, "build");
        progress(`copying the portal and ${counted(closure.packages.length, "package")}`);
        copySources(checkout, work, sources);
        copyClosure(checkout, work, closure);
        writeFileSync(join(work, "package.json"), '{"private":true,"type":"module"}\n');
        progress("building the portal");
        const portal = join(work, WORKSPACE);
        await runCommand([process.execPath, join(work, "node_modules", "next", "dist", "bin", "next"), "build"], {
          purpose: "Next could not build the portal",
          timeoutMs: BUILD_TIMEOUT_MS,
          cwd: portal,
          // Without CI, Next fetches a package that it misses instead of failing.
          environment: { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", CI: "1" },
          signal,
        });
        const standalone = join(portal, ".next", "standalone");
        renameSync(join(standalone, "node_modules"), join(folder, "node_modules"));
        renameSync(join(standalone, WORKSPACE), join(folder, WORKSPACE));
        // Next leaves these two to whoever serves them; its standalone server does when they lie here.
        cpSync(join(portal, ".next", "static"), join(folder, WORKSPACE, ".next", "static"), { recursive: true });
        if (existsSync(join(portal, "public"))) {
          cpSync(join(portal, "public"), join(folder, WORKSPACE, "public"), { recursive: true });
        }
        rmSync(work, { recursive: true, force: true });
      },
    };
  },
};
