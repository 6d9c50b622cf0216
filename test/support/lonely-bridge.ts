/** An address of this machine for one test, which containers reach and other machines do not: that of a bridge without containers. */
import { randomUUID } from "node:crypto";

export interface LonelyBridge {
  /** IPv4 address of this machine on it. */
  readonly address: string;
  remove(): void;
}

/** `docker`: a command on an engine of this machine. @throws Error when it makes none */
export function makeLonelyBridge(docker: (...args: readonly string[]) => string): LonelyBridge {
  const name = `muster-test-${randomUUID().slice(0, 8)}`;
  docker("network", "create", "--internal", name);
  const remove = () => void docker("network", "rm", name);
  const address = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", name).trim();
  return { address, remove };
}
