import { Secret } from "../state/secret.ts";

/** How far TLS to the server is asked for, by libpq's names: https://www.postgresql.org/docs/18/libpq-ssl.html */
export const TLS_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

/** A Postgres that runs elsewhere, and the login that elk-os administers it with. */
export interface DatabaseTarget {
  /** In the order in which they are asked; the one that takes writes is used. At least one. */
  readonly hosts: readonly DatabaseHost[];
  readonly user: string;
  readonly password: Secret;
  readonly tlsMode: TlsMode;
  /** PEM file with the roots that a verified server's certificate hangs on (absolute path); null: those of the system. */
  readonly rootsFile: string | null;
}

/** The board's database; its name stands in grants and statements. */
const DATABASE = "muster";
const DEFAULT_PORT = 5432;
/** What libpq calls a server that may be written to; `any` asks for less than we do. */
const WRITABLE = ["any", "read-write", "primary"];
const PARAMETERS = ["sslmode", "sslrootcert", "target_session_attrs"];

/**
 * Reads `postgres://user:password@host[:port][,host[:port]]/muster?sslmode=…`, libpq's form with several hosts, which the URL standard does not
 * know. User and password are percent-encoded. Pure.
 * @throws Error with the end of a sentence about the setting; it never holds a part of the address
 */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(text.trim());
  if (parts === null)
    throw new Error("must be postgres://user:password@host:5432/muster, with @, / and ? of a password percent-encoded");
  const [, login = "", places = "", database = "", query = ""] = parts;
  const colon = login.indexOf(":");
  const user = decoded(colon < 0 ? login : login.slice(0, colon));
  const password = decoded(colon < 0 ? "" : login.slice(colon + 1));
  if (user === "" || password === "")
    throw new Error("must name a user and a password, percent-encoded: postgres://user:password@…");
  if (SERVICE_ROLES.has(user))
    throw new Error(`must not log in as ${user}, which is a role that elk-os gives a password of its own`);
  if (decoded(database) !== DATABASE) throw new Error(`must end in the database /${DATABASE}`);
  return { hosts: places.split(",").map(parseHost), user, password: new Secret(password), ...parseParameters(query) };
}

const SERVICE_ROLES: ReadonlySet<string> = new Set(["muster_owner", "muster_directus", "muster_portal", "muster_rag"]);

function parseHost(text: string): DatabaseHost {
  const [, bracketed, plain, port = String(DEFAULT_PORT)] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = Number(port);
  if (host === undefined || number < 1 || number > 65_535)
    throw new Error("must name hosts as host or host:port, separated by commas");
  return { host, port: number };
}

function parseParameters(query: string): Pick<DatabaseTarget, "tlsMode" | "rootsFile"> {
  const values = new URLSearchParams(query);
  for (const name of values.keys()) {
    if (!PARAMETERS.includes(name)) throw new Error(`must have no parameter but ${PARAMETERS.join(", ")}`);
  }
  const wanted = values.get("sslmode") ?? "prefer";
  const tlsMode = TLS_MODES.find((mode) => mode === wanted);
  if (tlsMode === undefined) throw new Error(`must have one of ${TLS_MODES.join(", ")} as sslmode`);
  if (!WRITABLE.includes(values.get("target_session_attrs") ?? "any"))
    throw new Error("must ask for a server that is written to: target_session_attrs=read-write");
  const rootsFile = values.get("sslrootcert");
  if (rootsFile !== null && !rootsFile.startsWith("/")) throw new Error("must name sslrootcert by its absolute path");
  return { tlsMode, rootsFile };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("must be percent-encoded: % is written as %25");
  }
}
