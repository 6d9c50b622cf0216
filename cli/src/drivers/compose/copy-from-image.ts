import { CliError } from "../../errors/cli-error.ts";
import { docker } from "./docker.ts";

/** A folder of documentation, from a slow disk. */
const COPY_MS = 5 * 60_000;

/**
 * Copies what an image holds at `path` into `folder`; false where it holds nothing there. The engine copies from containers only, so one is made that
 * never runs, and is removed however this ends but by a kill. @throws CliError INSTALL_FAILED when the engine has no such image
 */
export async function copyFromImage(
  reference: string,
  path: string,
  folder: string,
  signal: AbortSignal,
): Promise<boolean> {
  const purpose = `${path} of ${reference} could not be read`;
  const made = await docker(["create", "--quiet", "--pull", "never", "--network", "none", reference, "true"], {
    purpose,
    signal,
  });
  const container = made.stdout.trim();
  try {
    await docker(["cp", "--quiet", `${container}:${path}`, folder], { purpose, timeoutMs: COPY_MS, signal });
    return true;
  } catch (error) {
    if (error instanceof CliError && /could not find the file/i.test(error.message)) return false;
    throw error;
  } finally {
    await docker(["rm", container], { purpose });
  }
}
