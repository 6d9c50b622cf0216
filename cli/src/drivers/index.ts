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
 * @throws CliError DRIVER_CHANGED when the state folder was made by the other driver, DATABASE_CHANGED when its board lies in
 * another Postgres than the settings say.
 */
export function openDriver(foundation: DriverFoundation): Driver {
  const wanted = foundation.config.driver === "auto" ? "embedded" : foundation.config.driver;
  const instance = findInstance(foundation.paths.instance);
  const recorded = instance?.driver ?? wanted;
  if (recorded !== wanted) {
    throw new CliError("DRIVER_CHANGED", {
      message: `This state folder was made by the ${recorded} driver; ${wanted} was asked for.`,
      hint: "Data never moves between drivers in place: back it up and restore it into a new state folder.",
    });
  }
  const isElsewhere = foundation.config.databaseUrl !== undefined;
  if (instance !== null && (instance.database === "elsewhere") !== isElsewhere) {
    throw new CliError("DATABASE_CHANGED", {
      message: isElsewhere
        ? "This state folder's board is in a Postgres of its own; ELK_OS_DATABASE_URL names another."
        : "This state folder's board is in an external Postgres, and ELK_OS_DATABASE_URL is unset.",
      hint: "A board never moves in place (docs/external-postgres.md says how it does): put the setting back, or take a new state folder.",
    });
  }
  return wanted === "compose" ? composeDriver(foundation) : embeddedDriver(foundation);
}
