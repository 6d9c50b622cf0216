/**
 * Services whose names anybody has without asking: the name says the address. Thousands share the authority's weekly limit of one
 * registered name there, and a browser that was told to trust one name of it was told nothing about ours.
 */
const SHARED = [
  "backname.io",
  "fuf.me",
  "lacolhost.com",
  "local.gd",
  "localhost.direct",
  "localtest.me",
  "lvh.me",
  "nip.io",
  "sslip.io",
  "traefik.me",
  "vcap.me",
  "xip.io",
  "xip.name",
] as const;

/** Ends of names that no public authority may certify (RFC 2606, 6761, 6762, 7686, 8375, 9476, and ICANN's .internal). */
const SPECIAL = ["alt", "example", "home.arpa", "internal", "invalid", "local", "localhost", "onion", "test"] as const;

/** The shared service that a name is of; null: none that is known. */
export function sharedServiceOf(name: string): string | null {
  return SHARED.find((service) => isOf(name, service)) ?? null;
}

/** The end of the name that keeps it off the public Internet; null: none. */
export function specialEndOf(name: string): string | null {
  return SPECIAL.find((end) => isOf(name, end)) ?? null;
}

const isOf = (name: string, parent: string) => name === parent || name.endsWith(`.${parent}`);
