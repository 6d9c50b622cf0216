/** How long a green of a group of checks says something, in seconds. What can die in a moment is believed for minutes only. */
const SECONDS: Readonly<Record<string, number>> = {
  /** A machine changes slowly. */
  HOST: 3_600,
  /** Settings and the clients' files change when a command runs. */
  CONF: 3_600,
  WIRE: 3_600,
};

/** Everything else is a process, a port or a promise of one: a quarter of an hour. */
const USUAL = 900;

/** `id` as in "PG-04": the group stands before the last dash. */
export function timeToLive(id: string): number {
  return SECONDS[id.replace(/-[^-]*$/, "")] ?? USUAL;
}
