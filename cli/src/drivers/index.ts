import { CliError } from "../errors/cli-error.ts";
import type { Stack } from "../stack/stack.ts";
import { findInstance } from "../state/instance.ts";
import { composeDriver } from "./compose/compose-driver.ts";
import type { Driver } from "./driver.ts";
import { embeddedDriver } from "./embedded/embedded-driver.ts";

/** What a driver is built from: the stack without itself. */
export type DriverFoundation = Omit<Stack, "driver">;

/**
 * The driver that the settings ask for. `auto` is embedded: it is the one driver that runs on every machine.
 * @throws CliError DRIVER_CHANGED when the state folder was made by the other driver.
 */
export function openDriver(foundation: DriverFoundation): Driver {
  const wanted = foundation.config.driver === "auto" ? "embedded" : foundation.config.driver;
  const recorded = findInstance(foundation.paths.instance)?.driver ?? wanted;
  if (recorded !== wanted) {
    throw new CliError("DRIVER_CHANGED", {
      message: `This state folder was made by the ${recorded} driver; ${wanted} was asked for.`,
      hint: "Data never moves between drivers in place: back it up and restore it into a new state folder.",
    });
  }
  return wanted === "compose" ? composeDriver(foundation) : embeddedDriver(foundation);
}
