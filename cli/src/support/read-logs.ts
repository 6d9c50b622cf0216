import type { Driver } from "../drivers/driver.ts";
import type { LogLines } from "./log-tail.ts";

/** The end of several logs, each as it was written; by default of all that the driver has. One after the other: an engine is asked for each. */
export async function readLogs(
  driver: Pick<Driver, "logs" | "readLog">,
  count: number,
  signal: AbortSignal,
  names: Driver["logs"] = driver.logs,
): Promise<readonly LogLines[]> {
  const logs: LogLines[] = [];
  for (const service of names) logs.push({ service, lines: await driver.readLog(service, count, signal) });
  return logs;
}
