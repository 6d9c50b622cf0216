/** The vitest globalSetup of files that run side by side on one engine: it starts before the first of them, and a started one ends after the last. */
import { openEngine } from "./engine.ts";

export default async function setup(): Promise<() => Promise<void>> {
  const engine = await openEngine();
  return async () => {
    if (engine.kind === "ready") await engine.stop();
  };
}
